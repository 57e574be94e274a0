#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

// Weekly opening hours in a time zone: pure, on the caller's clock. README.md has the rules about changes of the clock.
namespace haven::schedule {

inline constexpr int kMinutesPerDay = 24 * 60;

// A stretch of one local day, [start, end) in minutes after midnight by the clock on the wall; 0 <= start < end <=
// 1440.
struct Span {
  int weekday = 1;  // 1 Monday to 7 Sunday
  int start_minute = 0;
  int end_minute = kMinutesPerDay;

  friend bool operator==(const Span&, const Span&) = default;
};

// A week that repeats, with local days on which nothing is open. No spans: open at every hour but those days.
struct Week {
  std::vector<Span> spans;
  std::vector<absl::CivilDay> holidays;  // sorted
};

// Whether the clock on the wall at `at` stands within a span. A local hour that occurs twice is open both times; one
// that is skipped never happens.
bool IsOpen(const Week& week, const absl::TimeZone& zone, absl::Time at);

// The first instant from `from` on that is open (`from` itself while open); nullopt: none within two years.
std::optional<absl::Time> NextOpening(const Week& week, const absl::TimeZone& zone, absl::Time from);

// The first instant from `from` on that is closed (`from` itself while closed); nullopt: none within two years.
std::optional<absl::Time> NextClosing(const Week& week, const absl::TimeZone& zone, absl::Time from);

// An IANA zone ("Asia/Beirut"). Refuses what is not in the zone database, and names that are files or offsets.
std::optional<absl::TimeZone> FindZone(std::string_view name);

// "2026-12-25"; nullopt for anything else and for days that do not exist.
std::optional<absl::CivilDay> ParseDay(std::string_view text);

// Adds those that parse, keeps the order.
void AddHolidays(const std::vector<std::string_view>& days, Week* week);

// From a message with spans(weekday, start_minute, end_minute) and holidays(): days that do not parse are left out,
// since whoever stored them has validated them.
template <class Message>
Week WeekOf(const Message& message) {
  Week week;
  week.spans.reserve(static_cast<std::size_t>(message.spans_size()));
  for (const auto& span : message.spans())
    week.spans.push_back({span.weekday(), span.start_minute(), span.end_minute()});
  std::vector<std::string_view> days(message.holidays().begin(), message.holidays().end());
  AddHolidays(days, &week);
  return week;
}

}  // namespace haven::schedule
