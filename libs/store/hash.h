#pragma once

// Private to libs/store.

#include <string>
#include <string_view>

namespace haven::store {

// SHA-256, 32 raw bytes.
std::string Sha256(std::string_view text);

}  // namespace haven::store
