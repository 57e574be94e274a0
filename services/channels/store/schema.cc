#include "services/channels/store/schema.h"

#include <string>

#include "haven_channels_store_embedded.h"

namespace haven::channels {

std::vector<store::Migration> Migrations() {
  return {{"channels", store::kFirstServiceVersion, "conversations", std::string(kSchemaSql)}};
}

}  // namespace haven::channels
