#include "services/routing/testing/redis_hub.h"

#include <algorithm>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "haven_routing_testing_embedded.h"

namespace haven::routing::testing {

RedisHub::RedisHub(Connection& redis, Scripts scripts, std::string hub)
    : redis_(redis), scripts_(std::move(scripts)), prefix_(command::Prefix(hub)), events_(command::Events(hub)) {
  for (std::size_t i = 0; i < kSteps; ++i) {
    const redis::Script& script = scripts_.of(static_cast<Step>(i));
    const auto sha = redis_.Run({"SCRIPT", "LOAD", script.text()});
    if (sha.at(0) != script.sha1()) throw std::runtime_error(absl::StrCat(script.name(), ": ", sha.at(0)));
  }
  dump_sha_ = redis_.Run({"SCRIPT", "LOAD", std::string(kDumpLua)}).at(0);
  Reset();
}

void RedisHub::Reset() {
  for (const std::string& key : redis_.Run({"KEYS", prefix_ + "*"})) redis_.Run({"DEL", key});
  redis_.Run({"DEL", events_});
  redis_.Run({"HSET", prefix_ + "hub", "virtual", "1"});
}

void RedisHub::Append(const command::Command& command, Time clock) {
  std::vector<std::string> argv{"EVALSHA", scripts_.of(command.step).sha1(),
                                "2",       prefix_,
                                events_,   absl::StrCat(clock.time_since_epoch().count())};
  argv.insert(argv.end(), command.args.begin(), command.args.end());
  redis_.Append(argv);
}

std::vector<std::string> RedisHub::Read(bool* more) {
  std::vector<std::string> reply = redis_.Read();
  if (redis_.last_was_error() || reply.size() < 2) {
    if (more != nullptr) *more = false;
    return reply;
  }
  if (more != nullptr) *more = reply[1] == "1";
  reply.erase(reply.begin() + 1);
  return reply;
}

std::vector<std::string> RedisHub::Run(const command::Command& command, Time clock, bool* more) {
  Append(command, clock);
  return Read(more);
}

std::vector<std::string> RedisHub::Snapshot(std::vector<std::string>* heads) {
  std::vector<std::string> lines = redis_.Run({"EVALSHA", dump_sha_, "1", prefix_});
  const auto first = std::partition(lines.begin(), lines.end(), [](const std::string& line) { return line[0] != 'H'; });
  if (heads != nullptr) heads->assign(first, lines.end());
  lines.erase(first, lines.end());
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> RedisHub::TakeEvents() {
  // Entries are flattened: an id ("ms-n"), then fields; every entry begins with field k.
  const std::vector<std::string> flat = redis_.Run({"XRANGE", events_, "-", "+"});
  redis_.Run({"DEL", events_});
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < flat.size(); ++i) {
    if (i + 1 < flat.size() && flat[i + 1] == "k") {
      lines.emplace_back();
    } else if (!lines.empty()) {
      absl::StrAppend(&lines.back(), lines.back().empty() ? "" : " ", flat[i]);
    }
  }
  return lines;
}

}  // namespace haven::routing::testing
