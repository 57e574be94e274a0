#include <algorithm>

#include "services/directory/domain/diff.h"
#include "services/directory/domain/human.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {
namespace {

std::string Seconds(const google::protobuf::Duration& duration) {
  return DurationText(absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos()));
}

void AddTexts(std::string_view name, const google::protobuf::Map<std::string, std::string>& texts, Fields* fields) {
  Fields sorted;
  for (const auto& [tag, text] : texts) sorted.emplace_back(Cat(name, ".", tag), text);
  std::sort(sorted.begin(), sorted.end());
  fields->insert(fields->end(), sorted.begin(), sorted.end());
}

std::string Skills(const google::protobuf::RepeatedPtrField<v1::SkillLevel>& skills) {
  std::vector<std::string> parts;
  for (const auto& level : skills) parts.push_back(Cat(level.skill(), ": ", level.level()));
  std::sort(parts.begin(), parts.end());
  return Join(parts, ", ");
}

std::string Capacity(const v1::UserSpec& user) {
  std::vector<std::string> parts;
  for (const auto& capacity : user.capacity()) {
    parts.push_back(
        Cat(ChannelName(capacity.channel()), ": ", capacity.limit(), capacity.exclusive() ? " exclusive" : ""));
  }
  std::sort(parts.begin(), parts.end());
  return Join(parts, ", ");
}

template <class List>
std::string Sorted(const List& list) {
  std::vector<std::string> parts(list.begin(), list.end());
  std::sort(parts.begin(), parts.end());
  return Join(parts, ", ");
}

}  // namespace

Fields Describe(const v1::HubSpec& hub) {
  Fields fields = {{"hub", hub.key()},
                   {"name", hub.display_name()},
                   {"time_zone", hub.time_zone()},
                   {"languages", Join(hub.languages(), ", ")},
                   {"quick_exit_url", hub.quick_exit_url()},
                   {"default_queue", hub.default_queue()}};
  AddTexts("privacy", hub.privacy(), &fields);
  return fields;
}

Fields Describe(const v1::HoursSpec& hours) {
  const auto week = schedule::WeekOf(hours);
  return {{"open", FormatSpans(week.spans)}, {"holidays", Sorted(hours.holidays())}};
}

Fields Describe(const v1::SkillSpec& skill) {
  return {{"name", skill.display_name()}};
}

Fields Describe(const v1::QueueSpec& queue) {
  return {{"name", queue.display_name()},
          {"hours", queue.hours()},
          {"target", Cat(FormatShare(queue.target_share()), " in ", Seconds(queue.target_time()))},
          {"offer_time", Seconds(queue.offer_time())},
          {"wrap_up_time", Seconds(queue.wrap_up_time())},
          {"priority", DurationText(absl::Seconds(queue.priority_seconds()))},
          {"requires", Skills(queue.required_skills())},
          {"match_language", queue.match_language() ? "true" : "false"},
          {"relax_language_after", Seconds(queue.relax_language_after())},
          {"prefer_last_agent", Seconds(queue.prefer_last_agent())}};
}

Fields Describe(const v1::SubjectSpec& subject) {
  Fields fields;
  AddTexts("titles", subject.titles(), &fields);
  fields.emplace_back("queue", subject.queue());
  return fields;
}

Fields Describe(const v1::TeamSpec& team) {
  return {{"name", team.display_name()}, {"queues", Sorted(team.queues())}};
}

Fields Describe(const v1::UserSpec& user) {
  std::vector<std::string> roles;
  for (const int role : user.roles()) roles.emplace_back(RoleName(static_cast<options::v1::Role>(role)));
  return {{"name", user.display_name()},
          {"public_name", user.public_name()},
          {"roles", Sorted(roles)},
          {"teams", Sorted(user.teams())},
          {"skills", Skills(user.skills())},
          {"capacity", Capacity(user)},
          {"interface_language", user.interface_language()},
          {"disabled", user.disabled() ? "true" : "false"}};
}

Fields Describe(const v1::ChannelSpec& channel) {
  return {{"name", channel.display_name()},
          {"kind", std::string(ChannelName(channel.kind()))},
          {"hours", channel.hours()},
          {"flow", channel.flow()},
          {"allowed_origins", Sorted(channel.allowed_origins())}};
}

Fields Describe(const v1::DispositionSpec& disposition) {
  Fields fields;
  AddTexts("titles", disposition.titles(), &fields);
  return fields;
}

}  // namespace haven::directory
