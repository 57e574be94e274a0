#include "services/channels/api/hub_view.h"

#include <algorithm>
#include <utility>

namespace haven::channels {

HubView::HubView(std::shared_ptr<const Configuration> configuration)
    : configuration_(std::move(configuration)),
      zone_(schedule::FindZone(spec().time_zone()).value_or(absl::UTCTimeZone())) {
  for (const auto& user : configuration_->users()) users_.emplace(user.id(), &user);
  for (const auto& hours : spec().hours()) weeks_.emplace(hours.key(), schedule::WeekOf(hours));
}

const directory::v1::User* HubView::FindUser(const std::string& id) const {
  const auto it = users_.find(id);
  return it == users_.end() ? nullptr : it->second;
}

const directory::v1::ChannelSpec* HubView::FindWebchat(const std::string& key) const {
  for (const auto& channel : spec().channels()) {
    if (channel.kind() == v1::CHANNEL_WEBCHAT && (key.empty() || channel.key() == key)) return &channel;
  }
  return nullptr;
}

const directory::v1::QueueSpec* HubView::FindQueue(const std::string& key) const {
  const auto& queues = spec().queues();
  const auto it = std::find_if(queues.begin(), queues.end(), [&](const auto& queue) { return queue.key() == key; });
  return it == queues.end() ? nullptr : &*it;
}

std::vector<std::string> HubView::languages() const {
  return {spec().languages().begin(), spec().languages().end()};
}

std::set<std::string> HubView::QueuesOf(const std::vector<std::string>& teams) const {
  std::set<std::string> queues;
  for (const auto& team : spec().teams()) {
    if (std::find(teams.begin(), teams.end(), team.key()) != teams.end()) {
      queues.insert(team.queues().begin(), team.queues().end());
    }
  }
  return queues;
}

HubView::Hours HubView::HoursOf(const directory::v1::ChannelSpec& channel, absl::Time now) const {
  const auto it = weeks_.find(channel.hours());
  if (it == weeks_.end() || schedule::IsOpen(it->second, zone_, now)) return {};
  return {false, schedule::NextOpening(it->second, zone_, now)};
}

}  // namespace haven::channels
