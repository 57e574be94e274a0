#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace haven::redis {

enum class Outcome { kNone, kUnknown };

absl::Status Unavailable(std::string_view message, Outcome outcome);
absl::Status TimedOut(Outcome outcome);
absl::Status Overloaded(std::string_view message);

// The status for an error reply ("CODE text"). With a script, "user_script:12" is told as a line of its own body.
// `prelude_lines` are taken off.
absl::Status FromErrorReply(std::string_view reply, std::string_view script = {}, int prelude_lines = 0);

// An error reply without the part that may repeat arguments, which may be secret or personal.
std::string_view Presentable(std::string_view reply);

// First word of an error reply: "NOSCRIPT".
std::string_view ErrorCode(std::string_view reply);

// True for a reply after which the connection should be made anew: the server has become a replica, or wants a password
// again.
bool SpoilsConnection(std::string_view reply);

}  // namespace haven::redis
