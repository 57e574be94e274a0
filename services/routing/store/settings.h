#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "services/routing/domain/types.h"
#include "services/routing/store/engine.h"

namespace haven::routing {

// The hub's configuration as routing needs it. Replaced whole when the directory has a newer version. Loop thread only.
class Settings final : public LaneSource {
 public:
  struct Queue {
    Span offer_time{30'000};
    Span wrap_up_time{120'000};
    int priority_seconds = 0;
    bool match_language = false;
    Span relax_language_after{0};
    Span prefer_last_agent{0};
    std::vector<std::string> requires_skills;  // "skill:level"
  };
  struct Placed {
    LaneId lane;
    std::vector<RelaxStep> relax;
  };

  Settings();
  ~Settings() override;

  // INVALID_ARGUMENT if the configuration cannot be routed (more profiles for a lane than the engine bears); nothing
  // changes then.
  absl::Status Apply(const internal::directory::v1::GetConfigurationResponse& configuration);
  std::int64_t version() const { return version_; }
  // UNAVAILABLE until a configuration is known. A hub that starts while PostgreSQL is away has none: nothing may be
  // refused for good because a key is not in it.
  absl::Status Known() const;

  // The default queue's settings for a key that is none.
  const Queue& QueueOf(const std::string& key) const;
  bool HasQueue(const std::string& key) const { return queues_.contains(key); }
  bool HasAgent(const std::string& id) const { return agents_.contains(id); }
  bool HasDisposition(const std::string& key) const { return dispositions_.contains(key); }
  const std::string& default_queue() const { return default_queue_; }
  std::vector<std::string> queue_keys() const;

  // Where a contact waits that has waited for `waited`, and how that widens. FAILED_PRECONDITION without a
  // configuration.
  absl::StatusOr<Placed> Place(const std::string& queue, const std::vector<std::string>& skills,
                               const std::string& language, const std::string& channel, absl::Duration waited) const;
  std::optional<LaneSpec> FindLane(const LaneId& lane) const override;
  std::int64_t lane_revision() const override { return version_; }

  // The queues an agent serves by their teams.
  std::vector<std::string> QueuesOf(const std::string& agent_id) const;
  int SlotsOf(const std::string& agent_id) const;

  // What the engine is to know: agents of this configuration, and those it knew before that are gone.
  std::vector<AgentSpec> agents() const;
  std::vector<AgentId> TakeRemoved();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::int64_t version_ = 0;
  std::map<std::string, Queue> queues_;
  std::set<std::string> agents_, dispositions_;
  std::string default_queue_;
  std::vector<AgentId> removed_;
};

}  // namespace haven::routing
