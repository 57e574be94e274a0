#pragma once

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

// Every key of channels in Redis.
namespace haven::channels::keys {

// Starts of chats by one source: a number that expires (store/lua/admit_start.lua). `source` is a keyed hash, never an
// address.
inline std::string Starts(const std::string& hub, const std::string& source) {
  return absl::StrCat("haven:{", hub, "}:channels:starts:", source);
}

}  // namespace haven::channels::keys
