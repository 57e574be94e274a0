#include "services/directory/domain/human.h"

#include <catch2/catch.hpp>

namespace haven::directory {
namespace {

TEST_CASE("Duration_ReadsAndWritesTheSame") {
  for (const char* text : {"0s", "30s", "2m", "1m30s", "1h", "24h", "1h30m", "400h1m1s"}) {
    const auto duration = ParseDuration(text);
    INFO(text);
    REQUIRE(duration.has_value());
    CHECK(DurationText(*duration) == text);
  }
  CHECK(ParseDuration("90s") == absl::Seconds(90));
  CHECK(DurationText(absl::Seconds(90)) == "1m30s");
  CHECK(DurationText(absl::Seconds(-90)) == "-1m30s");
}

TEST_CASE("Duration_RefusesWhatIsUnclear") {
  for (const char* text : {"", "30", "s", "1d", "1 m", "-5s", "1.5m", "30s2m", "5s5s", "9999999999s", "999999999h"}) {
    INFO(text);
    CHECK_FALSE(ParseDuration(text).has_value());
  }
}

std::string Again(const std::string& text) {
  const auto spans = ParseSpans(text);
  return spans.ok() ? FormatSpans(*spans) : std::string(spans.status().message());
}

TEST_CASE("Spans_ReadAndWrittenTheSame") {
  CHECK(Again("mon-fri 08:00-17:00") == "mon-fri 08:00-17:00");
  CHECK(Again("sat,sun 9:30-14:00") == "sat-sun 09:30-14:00");
  CHECK(Again("mon,wed,fri 10:00-12:00") == "mon 10:00-12:00, wed 10:00-12:00, fri 10:00-12:00");
  CHECK(Again("daily 00:00-24:00") == "mon-sun 00:00-24:00");
  CHECK(Again("sat-mon 10:00-11:00") == "mon 10:00-11:00, sat-sun 10:00-11:00");
}

TEST_CASE("Spans_PastMidnight_AreTwo") {
  CHECK(ParseSpans("sun 22:00-02:00").value() == std::vector<schedule::Span>{{7, 1320, 1440}, {1, 0, 120}});
  CHECK(ParseSpans("fri 22:00-00:00").value() == std::vector<schedule::Span>{{5, 1320, 1440}});
}

TEST_CASE("Spans_SayWhatIsWrong") {
  CHECK(Again("mon-fri") == "\"mon-fri\" is no span; write \"mon-fri 08:00-17:00\"");
  CHECK(Again("mom 08:00-17:00") == "unknown day \"mom\"; did you mean \"mon\"?");
  CHECK(Again("mon-tue-wed 08:00-17:00") == "\"mon-tue-wed\" is no day or range of days; write mon-fri");
  for (const char* times :
       {"8-17", "08:00", "08:00-25:00", "08:60-09:00", "08:00-17:0", "a8:00-17:00", "24:00-01:00"}) {
    INFO(times);
    CHECK(Again(std::string("mon ") + times) == "\"" + std::string(times) + "\" is no span of time; write 08:00-17:00");
  }
  CHECK(Again("mon 08:00-08:00") == "\"08:00-08:00\" is empty; the whole day is 00:00-24:00");
}

}  // namespace
}  // namespace haven::directory
