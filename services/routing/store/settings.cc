#include "services/routing/store/settings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/routing/domain/eligibility.h"

namespace haven::routing {
namespace {

using haven::directory::v1::HubSpec;
using haven::directory::v1::User;

Span SpanOf(const google::protobuf::Duration& duration, bool set, Span otherwise) {
  return set ? Span(duration.seconds() * 1000 + duration.nanos() / 1'000'000) : otherwise;
}

std::string_view ChannelWord(haven::channels::v1::Channel channel) {
  // CHANNEL_WEBCHAT is "webchat".
  static std::map<int, std::string> words;
  auto [at, fresh] = words.try_emplace(channel);
  if (fresh) {
    std::string name = haven::channels::v1::Channel_Name(channel).substr(8);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    at->second = std::move(name);
  }
  return at->second;
}

std::vector<Capacity> CapacityOf(const User& user) {
  std::vector<Capacity> out;
  std::vector<std::string> exclusive;
  for (const auto& c : user.capacity()) {
    if (c.exclusive()) exclusive.emplace_back(ChannelWord(c.channel()));
  }
  for (const auto& c : user.capacity()) {
    if (c.limit() <= 0) continue;
    Capacity capacity;
    capacity.channel = ChannelId(std::string(ChannelWord(c.channel())));
    capacity.slots = c.limit();
    // An exclusive channel bars all others, and they bar it.
    for (const auto& other : user.capacity()) {
      const std::string word(ChannelWord(other.channel()));
      if (word == capacity.channel.value() || other.limit() <= 0) continue;
      if (c.exclusive() || other.exclusive()) capacity.excluded_by.emplace_back(word);
    }
    out.push_back(std::move(capacity));
  }
  return out;
}

Skills SkillsOf(const std::vector<std::string>& written) {
  Skills out;
  for (const auto& text : written) {
    const std::pair<std::string, std::string> skill = absl::StrSplit(text, absl::MaxSplits(':', 1));
    int level = 1;
    if (!absl::SimpleAtoi(skill.second, &level)) level = 1;
    out[skill.first] = level;
  }
  return out;
}

}  // namespace

struct Settings::Impl {
  Eligibility eligibility;
  std::map<std::string, std::set<std::string>> queues_of;
};

Settings::Settings() = default;
Settings::~Settings() = default;

absl::Status Settings::Apply(const internal::directory::v1::GetConfigurationResponse& configuration) {
  if (configuration.version() == version_ || !configuration.has_spec()) return absl::OkStatus();
  const HubSpec& spec = configuration.spec();
  std::map<std::string, Queue> queues;
  std::vector<QueueFacts> queue_facts;
  for (const auto& q : spec.queues()) {
    Queue queue;
    queue.offer_time = SpanOf(q.offer_time(), q.has_offer_time(), queue.offer_time);
    queue.wrap_up_time = SpanOf(q.wrap_up_time(), q.has_wrap_up_time(), queue.wrap_up_time);
    queue.priority_seconds = q.priority_seconds();
    queue.match_language = q.match_language();
    queue.relax_language_after = SpanOf(q.relax_language_after(), q.has_relax_language_after(), Span(0));
    queue.prefer_last_agent = SpanOf(q.prefer_last_agent(), q.has_prefer_last_agent(), Span(0));
    QueueFacts facts{QueueId(q.key()), queue.offer_time, {}};
    for (const auto& skill : q.required_skills()) facts.requires_skills[skill.skill()] = skill.level();
    queue_facts.push_back(std::move(facts));
    queues.emplace(q.key(), std::move(queue));
  }
  std::map<std::string, std::set<std::string>> team_queues, queues_of;
  for (const auto& team : spec.teams()) team_queues[team.key()] = {team.queues().begin(), team.queues().end()};
  std::vector<AgentFacts> agent_facts;
  std::set<std::string> agents;
  for (const auto& user : configuration.users()) {
    const bool answers =
        std::find(user.roles().begin(), user.roles().end(), options::v1::ROLE_AGENT) != user.roles().end();
    if (!answers || user.disabled()) continue;
    AgentFacts facts;
    facts.agent = AgentId(user.id());
    for (const auto& team : user.teams()) facts.queues.insert(team_queues[team].begin(), team_queues[team].end());
    for (const auto& skill : user.skills()) facts.skills[skill.skill()] = skill.level();
    facts.capacity = CapacityOf(user);
    queues_of[user.id()] = facts.queues;
    agents.insert(user.id());
    agent_facts.push_back(std::move(facts));
  }
  auto eligibility = Eligibility::Make(std::move(agent_facts), std::move(queue_facts), configuration.version());
  if (!eligibility.ok()) return eligibility.status();
  for (const auto& old : agents_) {
    if (!agents.contains(old)) removed_.emplace_back(old);
  }
  impl_ = std::make_unique<Impl>(Impl{*std::move(eligibility), std::move(queues_of)});
  queues_ = std::move(queues);
  agents_ = std::move(agents);
  default_queue_ = spec.default_queue();
  dispositions_.clear();
  for (const auto& disposition : spec.dispositions()) dispositions_.insert(disposition.key());
  version_ = configuration.version();
  return absl::OkStatus();
}

absl::Status Settings::Known() const {
  if (impl_ && !queues_.empty()) return absl::OkStatus();
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                         "no configuration is known yet");
}

const Settings::Queue& Settings::QueueOf(const std::string& key) const {
  static const Queue kNone;
  if (const auto found = queues_.find(key); found != queues_.end()) return found->second;
  const auto fallback = queues_.find(default_queue_);
  return fallback != queues_.end() ? fallback->second : kNone;
}

std::vector<std::string> Settings::queue_keys() const {
  std::vector<std::string> out;
  for (const auto& [key, queue] : queues_) out.push_back(key);
  return out;
}

absl::StatusOr<Settings::Placed> Settings::Place(const std::string& queue, const std::vector<std::string>& skills,
                                                 const std::string& language, const std::string& channel,
                                                 absl::Duration waited) const {
  if (auto known = Known(); !known.ok()) return known;
  // A queue that was removed while people waited in it: they wait in the default one.
  const std::string& key = HasQueue(queue) ? queue : default_queue_;
  const Queue& settings = QueueOf(key);
  Skills needed = SkillsOf(skills);
  Placed placed;
  const LaneId wide = impl_->eligibility.LaneOf(key, needed, channel);
  placed.lane = wide;
  if (!settings.match_language || language.empty()) return placed;
  const Span relax = settings.relax_language_after;
  const Span already(absl::ToInt64Milliseconds(waited));
  if (relax > Span::zero() && already >= relax) return placed;
  needed[language] = std::max(needed[language], 1);
  placed.lane = impl_->eligibility.LaneOf(key, needed, channel);
  if (relax > Span::zero()) placed.relax.push_back({relax - already, wide});
  return placed;
}

std::optional<LaneSpec> Settings::FindLane(const LaneId& lane) const {
  if (!impl_) return std::nullopt;
  return impl_->eligibility.FindLane(lane);
}

std::vector<std::string> Settings::QueuesOf(const std::string& agent_id) const {
  if (!impl_) return {};
  const auto found = impl_->queues_of.find(agent_id);
  if (found == impl_->queues_of.end()) return {};
  return {found->second.begin(), found->second.end()};
}

int Settings::SlotsOf(const std::string& agent_id) const {
  for (const auto& agent : agents()) {
    if (agent.agent.value() != agent_id) continue;
    int slots = 0;
    for (const auto& capacity : agent.capacity) slots += capacity.slots;
    return slots;
  }
  return 0;
}

std::vector<AgentSpec> Settings::agents() const {
  return impl_ ? impl_->eligibility.agents() : std::vector<AgentSpec>();
}

std::vector<AgentId> Settings::TakeRemoved() {
  return std::exchange(removed_, {});
}

}  // namespace haven::routing
