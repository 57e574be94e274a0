#pragma once

#include <string>
#include <utility>
#include <vector>

#include "haven/directory/v1/directory_service.pb.h"
#include "haven/directory/v1/hub.pb.h"

namespace haven::directory {

// What differs between two normalised specs, in the words and paths of hub.yaml ("queues.legal.offer_time": "30s",
// "45s"). Empty exactly if nothing that is kept differs; password references are not kept.
std::vector<v1::Change> Diff(const v1::HubSpec& before, const v1::HubSpec& after);

// A thing's fields as hub.yaml would write them; the first one names the thing for people.
using Fields = std::vector<std::pair<std::string, std::string>>;
Fields Describe(const v1::HubSpec& hub);  // what stands beside the lists
Fields Describe(const v1::HoursSpec& hours);
Fields Describe(const v1::SkillSpec& skill);
Fields Describe(const v1::QueueSpec& queue);
Fields Describe(const v1::SubjectSpec& subject);
Fields Describe(const v1::TeamSpec& team);
Fields Describe(const v1::UserSpec& user);
Fields Describe(const v1::ChannelSpec& channel);
Fields Describe(const v1::DispositionSpec& disposition);

}  // namespace haven::directory
