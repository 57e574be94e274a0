#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "services/directory/domain/checker.h"
#include "services/directory/domain/human.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"
#include "services/directory/domain/url.h"

namespace haven::directory::checks {
namespace {

constexpr int kDaySeconds = 86400;

schedule::Span SpanOf(const v1::OpenSpan& span) {
  return {span.weekday(), span.start_minute(), span.end_minute()};
}

void CheckSpans(Checker& check, const std::string& path, const v1::HoursSpec& hours) {
  if (!check.Count(Cat(path, ".spans"), hours.spans_size(), limits::kSpans)) return;
  std::vector<int> order;
  for (int i = 0; i < hours.spans_size(); ++i) {
    const v1::OpenSpan& span = hours.spans(i);
    const std::string at = At(Cat(path, ".spans"), i);
    if (span.weekday() < 1 || span.weekday() > 7) {
      check.Mistake(at, Cat("weekday ", span.weekday(), " is not one of 1 (Monday) to 7 (Sunday)"));
    } else if (span.start_minute() < 0 || span.end_minute() > schedule::kMinutesPerDay ||
               span.start_minute() >= span.end_minute()) {
      check.Mistake(at, Cat("minutes ", span.start_minute(), " to ", span.end_minute(),
                            " are no span of a day; 0 to 1440, and past midnight as two spans"));
    } else {
      order.push_back(i);
    }
  }
  const auto rank = [&](int i) { return std::tuple(hours.spans(i).weekday(), hours.spans(i).start_minute(), i); };
  std::sort(order.begin(), order.end(), [&](int a, int b) { return rank(a) < rank(b); });
  // The one that reaches furthest of those before.
  int reach = -1;
  for (const int i : order) {
    const v1::OpenSpan& span = hours.spans(i);
    if (reach >= 0 && hours.spans(reach).weekday() == span.weekday() &&
        span.start_minute() < hours.spans(reach).end_minute()) {
      const auto [first, second] = std::minmax(i, reach);
      check.Mistake(At(Cat(path, ".spans"), second),
                    Cat(FormatSpan(SpanOf(hours.spans(second))), " overlaps ", FormatSpan(SpanOf(hours.spans(first)))));
      if (span.end_minute() <= hours.spans(reach).end_minute()) continue;
    }
    reach = i;
  }
}

void CheckHolidays(Checker& check, const std::string& path, const v1::HoursSpec& hours) {
  if (!check.Count(Cat(path, ".holidays"), hours.holidays_size(), limits::kHolidays)) return;
  absl::flat_hash_map<std::string_view, int> seen;
  for (int i = 0; i < hours.holidays_size(); ++i) {
    const std::string& day = hours.holidays(i);
    if (!schedule::ParseDay(day)) {
      check.Mistake(At(Cat(path, ".holidays"), i), Cat(Quoted(day), " is no day; write 2026-12-25"));
    } else if (!seen.try_emplace(day, i).second) {
      check.Mistake(At(Cat(path, ".holidays"), i), Cat(day, " is there twice"));
    }
  }
}

void CheckHours(Checker& check) {
  if (!check.Count("hours", check.spec.hours_size(), limits::kHours)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.hours_size() && !check.full(); ++i) {
    const std::string path = At("hours", i);
    check.Key(path, check.spec.hours(i).key(), &seen);
    CheckSpans(check, path, check.spec.hours(i));
    CheckHolidays(check, path, check.spec.hours(i));
  }
}

void CheckSkills(Checker& check) {
  if (!check.Count("skills", check.spec.skills_size(), limits::kSkills)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.skills_size() && !check.full(); ++i) {
    const std::string path = At("skills", i);
    check.Key(path, check.spec.skills(i).key(), &seen);
    check.Line(Cat(path, ".display_name"), check.spec.skills(i).display_name(), true, limits::kNameCharacters);
  }
}

void CheckQueue(Checker& check, const std::string& path, const v1::QueueSpec& queue) {
  check.Line(Cat(path, ".display_name"), queue.display_name(), true, limits::kNameCharacters);
  if (!queue.hours().empty()) check.Refer(Cat(path, ".hours"), "hours", queue.hours(), &check.hours);
  // Written so that NaN is refused as well.
  if (!(queue.target_share() >= 0 && queue.target_share() <= 1)) {
    check.Mistake(Cat(path, ".target_share"), "is no share between 0 and 1");
  }
  check.DurationWithin(Cat(path, ".target_time"), queue.has_target_time(), queue.target_time(), 1, kDaySeconds);
  check.DurationWithin(Cat(path, ".offer_time"), queue.has_offer_time(), queue.offer_time(), 5, 300);
  check.DurationWithin(Cat(path, ".wrap_up_time"), queue.has_wrap_up_time(), queue.wrap_up_time(), 0, 1800);
  check.DurationWithin(Cat(path, ".relax_language_after"), queue.has_relax_language_after(),
                       queue.relax_language_after(), 0, kDaySeconds);
  check.DurationWithin(Cat(path, ".prefer_last_agent"), queue.has_prefer_last_agent(), queue.prefer_last_agent(), 0,
                       3600);
  if (std::abs(static_cast<std::int64_t>(queue.priority_seconds())) > kDaySeconds) {
    check.Mistake(Cat(path, ".priority_seconds"), "is out of range; a head start is at most a day");
  }
  check.SkillLevels(Cat(path, ".required_skills"), queue.required_skills());
  if (queue.relax_language_after().seconds() > 0 && !queue.match_language()) {
    check.Warn(Cat(path, ".relax_language_after"), "has no effect: the queue does not match languages");
  }
}

void CheckQueueList(Checker& check) {
  if (check.spec.queues().empty()) check.Mistake("queues", "at least one queue is needed");
  if (!check.Count("queues", check.spec.queues_size(), limits::kQueues)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.queues_size() && !check.full(); ++i) {
    const std::string path = At("queues", i);
    check.Key(path, check.spec.queues(i).key(), &seen);
    CheckQueue(check, path, check.spec.queues(i));
  }
}

void CheckSubjects(Checker& check) {
  if (!check.Count("subjects", check.spec.subjects_size(), limits::kSubjects)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.subjects_size() && !check.full(); ++i) {
    const v1::SubjectSpec& subject = check.spec.subjects(i);
    const std::string path = At("subjects", i);
    check.Key(path, subject.key(), &seen);
    check.Titles(Cat(path, ".titles"), subject.titles(), Checker::Need::kEveryLanguage, limits::kTitleCharacters,
                 false);
    check.Refer(Cat(path, ".queue"), "queue", subject.queue(), &check.queues);
  }
}

void CheckChannel(Checker& check, const std::string& path, const v1::ChannelSpec& channel) {
  if (ChannelName(channel.kind()) == "?") {
    check.Mistake(Cat(path, ".kind"), "is no kind of channel");
  } else if (channel.kind() != channels::v1::CHANNEL_WEBCHAT) {
    check.Mistake(Cat(path, ".kind"), Cat(ChannelName(channel.kind()), " is not supported yet; webchat is"));
  }
  check.Line(Cat(path, ".display_name"), channel.display_name(), true, limits::kNameCharacters);
  if (!channel.hours().empty()) check.Refer(Cat(path, ".hours"), "hours", channel.hours(), &check.hours);
  if (!channel.flow().empty() && channel.flow() != "welcome") {
    check.Mistake(Cat(path, ".flow"), Unknown("flow", channel.flow(), {"welcome"}));
  }
  if (!check.Count(Cat(path, ".allowed_origins"), channel.allowed_origins_size(), limits::kOrigins)) return;
  for (int i = 0; i < channel.allowed_origins_size(); ++i) {
    if (IsOrigin(channel.allowed_origins(i))) continue;
    check.Mistake(
        At(Cat(path, ".allowed_origins"), i),
        Cat(Quoted(channel.allowed_origins(i)), " is no origin; write \"https://example.org\", without a path"));
  }
}

void CheckChannels(Checker& check) {
  if (!check.Count("channels", check.spec.channels_size(), limits::kChannels)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.channels_size() && !check.full(); ++i) {
    const std::string path = At("channels", i);
    check.Key(path, check.spec.channels(i).key(), &seen);
    CheckChannel(check, path, check.spec.channels(i));
  }
}

void CheckDispositions(Checker& check) {
  if (!check.Count("dispositions", check.spec.dispositions_size(), limits::kDispositions)) return;
  Checker::Seen seen;
  for (int i = 0; i < check.spec.dispositions_size() && !check.full(); ++i) {
    const std::string path = At("dispositions", i);
    check.Key(path, check.spec.dispositions(i).key(), &seen);
    check.Titles(Cat(path, ".titles"), check.spec.dispositions(i).titles(), Checker::Need::kFirstLanguage,
                 limits::kTitleCharacters, false);
  }
}

}  // namespace

void CheckQueues(Checker& check) {
  CheckHours(check);
  CheckSkills(check);
  CheckQueueList(check);
  CheckSubjects(check);
  CheckChannels(check);
  CheckDispositions(check);
}

}  // namespace haven::directory::checks
