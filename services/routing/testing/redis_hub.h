#pragma once

#include <string>
#include <vector>

#include "services/routing/store/commands.h"
#include "services/routing/testing/connection.h"

namespace haven::routing::testing {

// A hub on a real Redis, driven script by script on virtual time.
class RedisHub {
 public:
  RedisHub(Connection& redis, Scripts scripts, std::string hub);

  // Forgets everything of the hub, then sets virtual time.
  void Reset();
  // Answers without the second word ("more"), which `more` receives.
  std::vector<std::string> Run(const command::Command& command, Time clock, bool* more = nullptr);
  void Append(const command::Command& command, Time clock);
  std::vector<std::string> Read(bool* more = nullptr);

  // Sorted lines of snapshot.h, those of kind H apart.
  std::vector<std::string> Snapshot(std::vector<std::string>* heads = nullptr);
  // Lines of events since the last call.
  std::vector<std::string> TakeEvents();

  Connection& redis() { return redis_; }
  const std::string& prefix() const { return prefix_; }

 private:
  Connection& redis_;
  Scripts scripts_;
  std::string prefix_, events_, dump_sha_;
};

}  // namespace haven::routing::testing
