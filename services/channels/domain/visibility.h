#pragma once

#include <set>
#include <string>
#include <vector>

#include "services/channels/domain/types.h"

namespace haven::channels {

// What ties a conversation to people of the organisation: agents who hold or held a contact of it, queues it was in.
struct Participation {
  enum class Kind { kAgent = 1, kQueue = 2 };
  Kind kind = Kind::kAgent;
  std::string key;  // user id or queue key

  friend auto operator<=>(const Participation&, const Participation&) = default;
};

// Who wants to look.
struct Viewer {
  UserId user;              // of staff
  bool integrator = false;  // a key with the method's scope sees the whole hub
  bool supervisor = false;
  std::set<std::string> team_queues;  // of a supervisor's teams
};

// An agent sees what they hold or have held; a supervisor also what is or was in a queue of their teams.
bool MaySee(const Viewer& viewer, const std::vector<Participation>& participations);

}  // namespace haven::channels
