#include "services/ivr/api/facts.h"

#include "services/ivr/domain/welcome.h"

namespace haven::ivr {

HubFacts::HubFacts(const Configuration& configuration) {
  const auto& spec = configuration.spec();
  common_.hub_name = spec.display_name();
  common_.languages.assign(spec.languages().begin(), spec.languages().end());
  common_.default_queue = spec.default_queue();
  for (const auto& subject : spec.subjects()) {
    Subject& added = common_.subjects.emplace_back();
    added.key = subject.key();
    added.queue = subject.queue();
    added.titles.insert(subject.titles().begin(), subject.titles().end());
  }
  zone_ = schedule::FindZone(spec.time_zone()).value_or(absl::UTCTimeZone());
  for (const auto& hours : spec.hours()) weeks_.emplace(hours.key(), schedule::WeekOf(hours));
  for (const auto& channel : spec.channels()) {
    channel_hours_.emplace(channel.key(), channel.hours());
    channel_flows_.emplace(channel.key(), channel.flow());
  }
}

Facts HubFacts::For(const internal::ivr::v1::StepRequest& request, absl::Time now) const {
  Facts facts = common_;
  facts.now = absl::ToCivilMinute(now, zone_);
  const auto hours = channel_hours_.find(request.channel_key());
  const auto week = hours == channel_hours_.end() ? weeks_.end() : weeks_.find(hours->second);
  if (week != weeks_.end() && !schedule::IsOpen(week->second, zone_, now)) {
    facts.open = false;
    if (const auto opens = schedule::NextOpening(week->second, zone_, now)) {
      facts.opens = absl::ToCivilMinute(*opens, zone_);
    }
  }
  facts.page_language = request.page_language();
  facts.person_language = request.language();
  facts.returning = request.returning();
  facts.last_subject = request.last_subject();
  facts.last_agent = request.last_agent_id();
  return facts;
}

const Flow& HubFacts::FlowOf(const std::string& channel_key) const {
  const auto it = channel_flows_.find(channel_key);
  const Flow* flow = it == channel_flows_.end() ? nullptr : FindFlow(it->second);
  return flow == nullptr ? WelcomeFlow() : *flow;
}

}  // namespace haven::ivr
