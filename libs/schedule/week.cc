#include "libs/schedule/week.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace haven::schedule {
namespace {

constexpr int kHorizonDays = 2 * 366;

bool IsHoliday(const Week& week, absl::CivilDay day) {
  return std::binary_search(week.holidays.begin(), week.holidays.end(), day);
}

// 1 Monday to 7 Sunday.
int WeekdayOf(absl::CivilDay day) {
  return static_cast<int>(absl::GetWeekday(day)) + 1;
}

bool OpenAtMinute(const Week& week, absl::CivilDay day, int minute) {
  if (IsHoliday(week, day)) return false;
  if (week.spans.empty()) return true;
  const int weekday = WeekdayOf(day);
  return std::any_of(week.spans.begin(), week.spans.end(), [&](const Span& span) {
    return span.weekday == weekday && span.start_minute <= minute && minute < span.end_minute;
  });
}

// Looks for the first instant after `from` whose state is `wanted`. The state changes only where a span begins or ends
// (twice if the clock is put back over it), at a local midnight, and where the clock itself jumps.
class Search {
 public:
  Search(const Week& week, const absl::TimeZone& zone, absl::Time from, bool wanted)
      : week_(week), zone_(zone), from_(from), wanted_(wanted) {}

  std::optional<absl::Time> Run() {
    ConsiderJumps();
    const absl::CivilDay first = absl::ToCivilDay(from_, zone_) - 1;
    for (int i = 0; i < kHorizonDays; ++i) {
      ConsiderDay(first + i);
      // A clock put back across midnight lets the end of a day come after the start of the next: one day more is looked
      // at before an answer is believed.
      if (best_ && *best_ < zone_.At(absl::CivilSecond(first + i)).pre) break;
    }
    return best_;
  }

 private:
  void Consider(absl::Time at) {
    if (at <= from_ || (best_ && *best_ <= at)) return;
    if (IsOpen(week_, zone_, at) == wanted_) best_ = at;
  }

  void ConsiderMinute(absl::CivilDay day, int minute) {
    const auto info = zone_.At(absl::CivilSecond(day) + minute * 60);
    // Skipped: the first instant that exists after it is `trans`, which ConsiderJumps has looked at.
    if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) return;
    Consider(info.pre);
    Consider(info.post);
  }

  void ConsiderDay(absl::CivilDay day) {
    ConsiderMinute(day, 0);
    const int weekday = WeekdayOf(day);
    for (const Span& span : week_.spans) {
      if (span.weekday != weekday) continue;
      ConsiderMinute(day, span.start_minute);
      ConsiderMinute(day, span.end_minute);
    }
  }

  void ConsiderJumps() {
    absl::TimeZone::CivilTransition jump;
    absl::Time at = from_;
    const absl::Time end = from_ + absl::Hours(24 * kHorizonDays);
    while (zone_.NextTransition(at, &jump)) {
      at = zone_.At(jump.to).trans;
      if (at > end || best_) return;
      Consider(at);
    }
  }

  const Week& week_;
  const absl::TimeZone& zone_;
  const absl::Time from_;
  const bool wanted_;
  std::optional<absl::Time> best_;
};

bool Digits(std::string_view text, int* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '-';
}

}  // namespace

bool IsOpen(const Week& week, const absl::TimeZone& zone, absl::Time at) {
  const absl::CivilSecond local = absl::ToCivilSecond(at, zone);
  return OpenAtMinute(week, absl::CivilDay(local), local.hour() * 60 + local.minute());
}

std::optional<absl::Time> NextOpening(const Week& week, const absl::TimeZone& zone, absl::Time from) {
  if (IsOpen(week, zone, from)) return from;
  return Search(week, zone, from, true).Run();
}

std::optional<absl::Time> NextClosing(const Week& week, const absl::TimeZone& zone, absl::Time from) {
  if (!IsOpen(week, zone, from)) return from;
  return Search(week, zone, from, false).Run();
}

std::optional<absl::TimeZone> FindZone(std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  if (name.empty() || name.size() > kLongestName || name.front() < 'A' || name.front() > 'Z') return std::nullopt;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool other = (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' || c == '/';
    if (!letter && !other) return std::nullopt;
  }
  if (name.substr(0, 6) == "Fixed/") return std::nullopt;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(std::string(name), &zone)) return std::nullopt;
  return zone;
}

std::optional<absl::CivilDay> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int year = 0;
  int month = 0;
  int day = 0;
  if (!Digits(text.substr(0, 4), &year) || !Digits(text.substr(5, 2), &month) || !Digits(text.substr(8, 2), &day)) {
    return std::nullopt;
  }
  const absl::CivilDay parsed(year, month, day);
  if (parsed.year() != year || parsed.month() != month || parsed.day() != day) return std::nullopt;
  return parsed;
}

void AddHolidays(const std::vector<std::string_view>& days, Week* week) {
  for (const std::string_view text : days) {
    if (const auto day = ParseDay(text)) week->holidays.push_back(*day);
  }
  std::sort(week->holidays.begin(), week->holidays.end());
}

}  // namespace haven::schedule
