#include "services/ivr/store/schema.h"

#include <string>

#include "haven_ivr_store_embedded.h"

namespace haven::ivr {

std::vector<store::Migration> Migrations() {
  return {{"ivr", store::kFirstServiceVersion, "sessions", std::string(kSchemaSql)}};
}

}  // namespace haven::ivr
