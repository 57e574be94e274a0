#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "libs/schedule/week.h"

namespace haven::channels {

// The hub's configuration, indexed for channels. Immutable.
class HubView {
 public:
  using Configuration = internal::directory::v1::GetConfigurationResponse;

  explicit HubView(std::shared_ptr<const Configuration> configuration);

  const directory::v1::HubSpec& spec() const { return configuration_->spec(); }
  // Null if there is no such user, or they are disabled.
  const directory::v1::User* FindUser(const std::string& id) const;
  // The web chat of this key, or the first one for an empty key; null if there is none.
  const directory::v1::ChannelSpec* FindWebchat(const std::string& key) const;
  const directory::v1::QueueSpec* FindQueue(const std::string& key) const;
  std::vector<std::string> languages() const;
  // Queues that any of the teams serves.
  std::set<std::string> QueuesOf(const std::vector<std::string>& teams) const;

  struct Hours {
    bool open = true;
    std::optional<absl::Time> opens;  // when closed, if known
  };
  Hours HoursOf(const directory::v1::ChannelSpec& channel, absl::Time now) const;

 private:
  std::shared_ptr<const Configuration> configuration_;
  std::unordered_map<std::string, const directory::v1::User*> users_;
  std::unordered_map<std::string, schedule::Week> weeks_;
  absl::TimeZone zone_;
};

}  // namespace haven::channels
