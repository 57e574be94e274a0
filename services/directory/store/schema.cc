#include "services/directory/store/schema.h"

#include "haven_directory_store_embedded.h"

namespace haven::directory {

std::vector<store::Migration> Migrations() {
  return {{"directory", store::kFirstServiceVersion, "directory", std::string(kSchemaSql)}};
}

}  // namespace haven::directory
