#include "libs/schedule/week.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace haven::schedule {
namespace {

absl::TimeZone Zone(std::string_view name) {
  const auto zone = FindZone(name);
  REQUIRE(zone.has_value());
  return *zone;
}

absl::Time Local(const absl::TimeZone& zone, const std::string& text) {
  absl::Time time;
  std::string error;
  REQUIRE(absl::ParseTime("%Y-%m-%d %H:%M", text, zone, &time, &error));
  return time;
}

absl::Time Utc(const std::string& text) {
  return Local(absl::UTCTimeZone(), text);
}

// Monday to Friday, 08:00 to 17:00.
Week Office() {
  Week week;
  for (int day = 1; day <= 5; ++day) week.spans.push_back({day, 8 * 60, 17 * 60});
  return week;
}

TEST_CASE("IsOpen_EdgesOfASpan") {
  const auto zone = Zone("Asia/Beirut");
  CHECK_FALSE(IsOpen(Office(), zone, Local(zone, "2026-11-23 07:59")));
  CHECK(IsOpen(Office(), zone, Local(zone, "2026-11-23 08:00")));
  CHECK(IsOpen(Office(), zone, Local(zone, "2026-11-23 16:59")));
  CHECK_FALSE(IsOpen(Office(), zone, Local(zone, "2026-11-23 17:00")));
  CHECK_FALSE(IsOpen(Office(), zone, Local(zone, "2026-11-22 12:00")));
}

TEST_CASE("IsOpen_SameInstantDiffersByZone") {
  const auto at = Utc("2026-11-23 06:30");
  CHECK(IsOpen(Office(), Zone("Asia/Beirut"), at));
  CHECK_FALSE(IsOpen(Office(), Zone("America/Port-au-Prince"), at));
}

TEST_CASE("NextOpening_OverTheWeekend") {
  const auto zone = Zone("Asia/Beirut");
  CHECK(NextOpening(Office(), zone, Local(zone, "2026-11-20 17:00")) == Local(zone, "2026-11-23 08:00"));
  const auto open = Local(zone, "2026-11-20 16:00");
  CHECK(NextOpening(Office(), zone, open) == open);
  CHECK(NextClosing(Office(), zone, open) == Local(zone, "2026-11-20 17:00"));
}

TEST_CASE("NextOpening_SkipsHolidays") {
  const auto zone = Zone("Asia/Beirut");
  Week week = Office();
  AddHolidays({"2026-12-28", "2026-12-25"}, &week);
  CHECK_FALSE(IsOpen(week, zone, Local(zone, "2026-12-25 10:00")));
  CHECK(NextOpening(week, zone, Local(zone, "2026-12-24 18:00")) == Local(zone, "2026-12-29 08:00"));
}

TEST_CASE("NoSpans_AlwaysOpenButHolidays") {
  const auto zone = Zone("America/Port-au-Prince");
  Week week;
  const auto at = Local(zone, "2026-05-17 23:00");
  CHECK(IsOpen(week, zone, at));
  CHECK_FALSE(NextClosing(week, zone, at).has_value());
  AddHolidays({"2026-05-18"}, &week);
  CHECK(NextClosing(week, zone, at) == Local(zone, "2026-05-18 00:00"));
  CHECK(NextOpening(week, zone, Local(zone, "2026-05-18 10:00")) == Local(zone, "2026-05-19 00:00"));
}

TEST_CASE("AdjacentSpans_DoNotClose") {
  const auto zone = Zone("Asia/Beirut");
  Week week;
  week.spans = {{1, 20 * 60, kMinutesPerDay}, {2, 0, 6 * 60}};
  CHECK(NextClosing(week, zone, Local(zone, "2026-11-23 21:00")) == Local(zone, "2026-11-24 06:00"));
}

// Beirut, 29 March 2026: 24:00 on Saturday is 01:00 on Sunday.
TEST_CASE("Beirut_MidnightThatDoesNotExist_OpensAtTheJump") {
  const auto zone = Zone("Asia/Beirut");
  Week week;
  week.spans = {{7, 0, 6 * 60}};
  CHECK(NextOpening(week, zone, Utc("2026-03-28 12:00")) == Utc("2026-03-28 22:00"));
  CHECK_FALSE(IsOpen(week, zone, Utc("2026-03-28 21:59")));
  CHECK(IsOpen(week, zone, Utc("2026-03-28 22:00")));
  // Five hours long instead of six.
  CHECK(NextClosing(week, zone, Utc("2026-03-28 22:00")) == Utc("2026-03-29 03:00"));
  week.spans = {{7, 0, 60}};
  CHECK(NextOpening(week, zone, Utc("2026-03-28 12:00")) == Utc("2026-04-04 21:00"));
}

// Beirut, 25 October 2026: 24:00 on Saturday is 23:00 on Saturday once more.
TEST_CASE("Beirut_RepeatedHour_IsOpenTwice") {
  const auto zone = Zone("Asia/Beirut");
  Week week;
  week.spans = {{6, 22 * 60, 23 * 60 + 30}};
  CHECK(IsOpen(week, zone, Utc("2026-10-24 20:15")));
  CHECK(NextClosing(week, zone, Utc("2026-10-24 20:15")) == Utc("2026-10-24 20:30"));
  // 23:45 the first time: open again when the clock falls back to 23:00.
  CHECK(NextOpening(week, zone, Utc("2026-10-24 20:45")) == Utc("2026-10-24 21:00"));
  CHECK(NextClosing(week, zone, Utc("2026-10-24 21:00")) == Utc("2026-10-24 21:30"));
}

// Port-au-Prince, 8 March 2026: 02:00 is 03:00.
TEST_CASE("PortAuPrince_SpanInsideTheGap_DoesNotHappen") {
  const auto zone = Zone("America/Port-au-Prince");
  Week week;
  week.spans = {{7, 2 * 60 + 15, 2 * 60 + 45}};
  CHECK(NextOpening(week, zone, Utc("2026-03-08 00:00")) == Utc("2026-03-15 06:15"));
  week.spans = {{7, 2 * 60 + 30, 4 * 60}};
  CHECK(NextOpening(week, zone, Utc("2026-03-08 00:00")) == Utc("2026-03-08 07:00"));
}

// Port-au-Prince, 1 November 2026: 02:00 is 01:00 once more.
TEST_CASE("PortAuPrince_RepeatedHour") {
  const auto zone = Zone("America/Port-au-Prince");
  Week week;
  week.spans = {{7, 60, 90}};
  CHECK(NextOpening(week, zone, Utc("2026-11-01 00:00")) == Utc("2026-11-01 05:00"));
  CHECK(NextOpening(week, zone, Utc("2026-11-01 05:30")) == Utc("2026-11-01 06:00"));
  CHECK(NextClosing(week, zone, Utc("2026-11-01 06:10")) == Utc("2026-11-01 06:30"));
}

// Every minute of a year read through IsOpen is the truth that the search has to find.
void AgreesWithEveryMinute(const std::string& zone_name, int year, unsigned seed) {
  const auto zone = Zone(zone_name);
  std::mt19937 random(seed);
  Week week;
  for (int day = 1; day <= 7; ++day) {
    int at = static_cast<int>(random() % 300);
    while (at < kMinutesPerDay - 10) {
      const int end = std::min<int>(kMinutesPerDay, at + 10 + static_cast<int>(random() % 500));
      week.spans.push_back({day, at, end});
      at = end + static_cast<int>(random() % 400);
    }
  }
  for (int i = 0; i < 20; ++i) week.holidays.push_back(absl::CivilDay(year, 1, 1) + static_cast<int>(random() % 365));
  std::sort(week.holidays.begin(), week.holidays.end());

  const absl::Time begin = absl::FromCivil(absl::CivilDay(year, 1, 1), zone);
  constexpr int kMinutes = 366 * kMinutesPerDay;
  std::vector<bool> open(kMinutes);
  for (int i = 0; i < kMinutes; ++i) open[i] = IsOpen(week, zone, begin + absl::Minutes(i));
  std::vector<int> next_open(kMinutes, -1);
  std::vector<int> next_closed(kMinutes, -1);
  for (int i = kMinutes - 2; i >= 0; --i) {
    next_open[i] = open[i] ? i : next_open[i + 1];
    next_closed[i] = open[i] ? next_closed[i + 1] : i;
  }
  // Around each change of the clock minute by minute, elsewhere by chance.
  int wrong = 0;
  const auto check = [&](int i) {
    const absl::Time at = begin + absl::Minutes(i);
    if (next_open[i] >= 0) wrong += NextOpening(week, zone, at) != begin + absl::Minutes(next_open[i]);
    if (next_closed[i] >= 0) wrong += NextClosing(week, zone, at) != begin + absl::Minutes(next_closed[i]);
  };
  for (int i = 0; i < 3000; ++i) check(static_cast<int>(random() % kMinutes));
  absl::TimeZone::CivilTransition jump;
  absl::Time at = begin;
  while (zone.NextTransition(at, &jump) && (at = zone.At(jump.to).trans) < begin + absl::Hours(24 * 364)) {
    const int middle = static_cast<int>(absl::ToInt64Minutes(at - begin));
    for (int i = std::max(0, middle - 1500); i < middle + 1500; ++i) check(i);
  }
  INFO(zone_name << " " << year << " seed " << seed);
  CHECK(wrong == 0);
}

TEST_CASE("Search_AgreesWithEveryMinuteOfTheYear") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    AgreesWithEveryMinute("Asia/Beirut", 2026, seed);
    AgreesWithEveryMinute("America/Port-au-Prince", 2026, seed);
  }
  AgreesWithEveryMinute("America/St_Johns", 2006, 4);  // falls back from 00:01 to 23:01 of the day before
  AgreesWithEveryMinute("Pacific/Apia", 2011, 5);      // skips 30 December
}

TEST_CASE("FindZone_OnlyNamesOfTheDatabase") {
  for (const char* good :
       {"Asia/Beirut", "America/Port-au-Prince", "UTC", "Etc/GMT+3", "America/Argentina/Buenos_Aires"}) {
    INFO(good);
    CHECK(FindZone(good).has_value());
  }
  for (const char* bad : {"", "Asia/Beyrouth", "asia/beirut", "localtime", "/etc/localtime", "../zoneinfo/UTC",
                          "Asia/../UTC", "Fixed/UTC+01:00:00", "Asia/Beirut ", ":UTC", "A\x01"}) {
    INFO(bad);
    CHECK_FALSE(FindZone(bad).has_value());
  }
}

TEST_CASE("ParseDay_OnlyDaysThatExist") {
  CHECK(ParseDay("2026-12-25") == absl::CivilDay(2026, 12, 25));
  CHECK(ParseDay("2028-02-29").has_value());
  for (const char* bad : {"", "2027-02-29", "2026-13-01", "2026-00-10", "26-12-25", "2026/12/25", "2026-12-2x",
                          "2026-1--5", " 026-12-25", "-026-12-25"}) {
    INFO(bad);
    CHECK_FALSE(ParseDay(bad).has_value());
  }
}

}  // namespace
}  // namespace haven::schedule
