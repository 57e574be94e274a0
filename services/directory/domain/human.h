#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/schedule/week.h"

namespace haven::options::v1 {
enum Role : int;
}
namespace haven::channels::v1 {
enum Channel : int;
}

// How hub.yaml and `haven apply` write values: what is parsed here is printed the same way.
namespace haven::directory {

// "45s", "2m", "1h30m", "0s". Up to 400 days.
std::optional<absl::Duration> ParseDuration(std::string_view text);
std::string DurationText(absl::Duration duration);

// "mon-fri 08:00-17:00", "sat,sun 10:00-14:00", "daily 00:00-24:00"; past midnight ("fri 22:00-02:00") gives two spans
// a day. INVALID_ARGUMENT says what is wrong with it.
absl::StatusOr<std::vector<schedule::Span>> ParseSpans(std::string_view text);
// "mon-fri 08:00-17:00, sat 09:00-13:00"; "always" without spans.
std::string FormatSpans(std::vector<schedule::Span> spans);
// "mon 08:00-17:00".
std::string FormatSpan(const schedule::Span& span);

// "agent" and so on; nullopt for others. Values are those of haven.options.v1.Role.
std::optional<options::v1::Role> ParseRole(std::string_view name);
std::string_view RoleName(options::v1::Role role);
std::vector<std::string_view> RoleNames();

// "webchat" and so on.
std::optional<channels::v1::Channel> ParseChannel(std::string_view name);
std::string_view ChannelName(channels::v1::Channel channel);
std::vector<std::string_view> ChannelNames();

// "80%", "0.8".
std::string FormatShare(double share);

}  // namespace haven::directory
