#pragma once

// Private to libs/store: the arithmetic of the audit chain, shared by the linker and the verifier.

#include <cstdint>
#include <string>
#include <string_view>

namespace haven::store {

struct AuditRecord {
  std::int64_t position = 0;
  std::int64_t id = 0;
  std::int64_t time_micros = 0;  // since the Unix epoch
  std::string actor, action, object, detail;
};

// What position 0 would hold: different for each schema, so that chains cannot be exchanged.
std::string ChainStart(std::string_view schema);
// SHA-256 over the hash before and every field, each with its length in front.
std::string ChainHash(std::string_view before, const AuditRecord& record);

}  // namespace haven::store
