#include "services/directory/domain/human.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "haven/channels/v1/conversation.pb.h"
#include "haven/options/v1/access.pb.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"

namespace haven::directory {
namespace {

using channels::v1::Channel;
using options::v1::Role;
using schedule::kMinutesPerDay;
using schedule::Span;

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// What an API key is ("integrator") is nobody's to choose.
constexpr std::array<std::pair<Role, std::string_view>, 6> kRoles = {{
    {options::v1::ROLE_AGENT, "agent"},
    {options::v1::ROLE_SUPERVISOR, "supervisor"},
    {options::v1::ROLE_PLANNER, "planner"},
    {options::v1::ROLE_EDITOR, "editor"},
    {options::v1::ROLE_ADMINISTRATOR, "administrator"},
    {options::v1::ROLE_AUDITOR, "auditor"},
}};

constexpr std::array<std::pair<Channel, std::string_view>, 7> kChannels = {{
    {channels::v1::CHANNEL_WEBCHAT, "webchat"},
    {channels::v1::CHANNEL_WHATSAPP, "whatsapp"},
    {channels::v1::CHANNEL_SMS, "sms"},
    {channels::v1::CHANNEL_MESSENGER, "messenger"},
    {channels::v1::CHANNEL_TELEGRAM, "telegram"},
    {channels::v1::CHANNEL_EMAIL, "email"},
    {channels::v1::CHANNEL_VOICE, "voice"},
}};

template <class Table>
std::vector<std::string_view> NamesOf(const Table& table) {
  std::vector<std::string_view> names;
  for (const auto& [value, name] : table) names.push_back(name);
  return names;
}

template <class Value, class Table>
std::optional<Value> ValueOf(const Table& table, std::string_view name) {
  for (const auto& [value, its_name] : table) {
    if (its_name == name) return value;
  }
  return std::nullopt;
}

template <class Value, class Table>
std::string_view NameOf(const Table& table, Value value) {
  for (const auto& [its_value, name] : table) {
    if (its_value == value) return name;
  }
  return "?";
}

absl::Status Wrong(std::string text) {
  return absl::InvalidArgumentError(text);
}

// "08:00" or "8:00"; 24:00 only as an end. -1: no time of day.
int ParseMinute(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ':');
  if (parts.size() != 2 || parts[0].empty() || parts[0].size() > 2 || parts[1].size() != 2) return -1;
  int values[2] = {0, 0};
  for (int i = 0; i < 2; ++i) {
    for (const char c : parts[static_cast<std::size_t>(i)]) {
      if (!IsDigit(c)) return -1;
      values[i] = values[i] * 10 + (c - '0');
    }
  }
  const int minute = values[0] * 60 + values[1];
  return values[1] > 59 || minute > kMinutesPerDay ? -1 : minute;
}

// 1 to 7, 0 for anything else.
int ParseDay(std::string_view text) {
  const auto at = std::find(kDays.begin(), kDays.end(), text);
  return at == kDays.end() ? 0 : static_cast<int>(at - kDays.begin()) + 1;
}

absl::StatusOr<std::vector<int>> ParseDays(std::string_view text) {
  if (text == "daily") return std::vector<int>{1, 2, 3, 4, 5, 6, 7};
  std::vector<int> days;
  for (const std::string_view part : Split(text, ',')) {
    const std::vector<std::string_view> ends = Split(part, '-');
    if (ends.size() > 2) return Wrong(Cat(Quoted(part), " is no day or range of days; write mon-fri"));
    const int first = ParseDay(ends.front());
    const int last = ParseDay(ends.back());
    if (first == 0 || last == 0) {
      return Wrong(Unknown("day", first == 0 ? ends.front() : ends.back(), {kDays.begin(), kDays.end()}));
    }
    // "sat-mon" goes over the end of the week.
    for (int day = first;; day = day % 7 + 1) {
      days.push_back(day);
      if (day == last) break;
    }
  }
  return days;
}

std::string Clock(int minute) {
  return Cat(minute < 600 ? "0" : "", minute / 60, minute % 60 < 10 ? ":0" : ":", minute % 60);
}

}  // namespace

std::optional<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration total;
  if (text.empty() || text.size() > 24) return std::nullopt;
  std::string_view units = "hms";
  while (!text.empty()) {
    std::int64_t number = 0;
    std::size_t digits = 0;
    while (digits < text.size() && IsDigit(text[digits])) {
      number = number * 10 + (text[digits++] - '0');
      if (digits > 9) return std::nullopt;
    }
    if (digits == 0 || digits == text.size()) return std::nullopt;
    const std::size_t unit = units.find(text[digits]);
    if (unit == std::string_view::npos) return std::nullopt;
    total += units[unit] == 'h'   ? absl::Hours(number)
             : units[unit] == 'm' ? absl::Minutes(number)
                                  : absl::Seconds(number);
    units.remove_prefix(unit + 1);
    text.remove_prefix(digits + 1);
  }
  if (total > absl::Hours(24 * 400)) return std::nullopt;
  return total;
}

std::string DurationText(absl::Duration duration) {
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  if (absl::Seconds(seconds) != duration) return absl::FormatDuration(duration);
  if (seconds == 0) return "0s";
  std::string text = seconds < 0 ? "-" : "";
  // The least number has no positive one of its own type.
  const std::uint64_t size = seconds < 0 ? -static_cast<std::uint64_t>(seconds) : static_cast<std::uint64_t>(seconds);
  if (size >= 3600) CatTo(&text, size / 3600, "h");
  if (size / 60 % 60 != 0) CatTo(&text, size / 60 % 60, "m");
  if (size % 60 != 0) CatTo(&text, size % 60, "s");
  return text;
}

absl::StatusOr<std::vector<Span>> ParseSpans(std::string_view text) {
  const std::vector<std::string_view> words = Words(text);
  if (words.size() != 2) return Wrong(Cat(Quoted(text), " is no span; write \"mon-fri 08:00-17:00\""));
  const auto days = ParseDays(words[0]);
  if (!days.ok()) return days.status();
  const std::vector<std::string_view> times = Split(words[1], '-');
  const int start = times.size() == 2 ? ParseMinute(times[0]) : -1;
  const int end = times.size() == 2 ? ParseMinute(times[1]) : -1;
  if (start < 0 || end < 0 || start == kMinutesPerDay) {
    return Wrong(Cat(Quoted(words[1]), " is no span of time; write 08:00-17:00"));
  }
  if (start == end) return Wrong(Cat(Quoted(words[1]), " is empty; the whole day is 00:00-24:00"));
  std::vector<Span> spans;
  for (const int day : *days) {
    if (start < end) {
      spans.push_back({day, start, end});
      continue;
    }
    spans.push_back({day, start, kMinutesPerDay});
    if (end > 0) spans.push_back({day % 7 + 1, 0, end});
  }
  return spans;
}

std::string FormatSpan(const Span& span) {
  const std::string_view day =
      span.weekday >= 1 && span.weekday <= 7 ? kDays[static_cast<std::size_t>(span.weekday - 1)] : "?";
  return Cat(day, " ", Clock(span.start_minute), "-", Clock(span.end_minute));
}

std::string FormatSpans(std::vector<Span> spans) {
  if (spans.empty()) return "always";
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return std::tuple(a.weekday, a.start_minute, a.end_minute) < std::tuple(b.weekday, b.start_minute, b.end_minute);
  });
  // What a day's spans read, then runs of days that read the same.
  std::array<std::string, 7> days;
  for (const Span& span : spans) {
    if (span.weekday < 1 || span.weekday > 7) continue;
    std::string& day = days[static_cast<std::size_t>(span.weekday - 1)];
    CatTo(&day, day.empty() ? "" : " ", Clock(span.start_minute), "-", Clock(span.end_minute));
  }
  std::vector<std::string> runs;
  for (std::size_t first = 0; first < 7;) {
    std::size_t last = first;
    while (last + 1 < 7 && days[last + 1] == days[first]) ++last;
    if (!days[first].empty()) {
      runs.push_back(Cat(kDays[first], last == first ? "" : "-", last == first ? "" : kDays[last], " ", days[first]));
    }
    first = last + 1;
  }
  return Join(runs, ", ");
}

std::optional<Role> ParseRole(std::string_view name) {
  return ValueOf<Role>(kRoles, name);
}
std::string_view RoleName(Role role) {
  return NameOf(kRoles, role);
}
std::vector<std::string_view> RoleNames() {
  return NamesOf(kRoles);
}

std::optional<Channel> ParseChannel(std::string_view name) {
  return ValueOf<Channel>(kChannels, name);
}
std::string_view ChannelName(Channel channel) {
  return NameOf(kChannels, channel);
}
std::vector<std::string_view> ChannelNames() {
  return NamesOf(kChannels);
}

std::string FormatShare(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g%%", share * 100);
  return text.data();
}

}  // namespace haven::directory
