#pragma once

#include <string_view>

namespace haven::directory {

// An absolute https address without user name and with characters that RFC 3986 allows; at most 500 bytes.
bool IsWebAddress(std::string_view text);

// An origin as browsers write it: "https://example.org", with a port if it is not the usual one; http only for this
// machine (localhost, 127.0.0.1).
bool IsOrigin(std::string_view text);

}  // namespace haven::directory
