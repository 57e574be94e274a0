#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/async/wait.h"
#include "libs/core/deadline.h"
#include "services/channels/domain/types.h"

namespace haven::channels {

// Who waits for news of which conversation in this process. Loop thread only; outlives its watches.
class Watchers {
 public:
  Watchers(std::size_t per_conversation, std::size_t total) : per_conversation_(per_conversation), total_(total) {}
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  // One open stream. Ends when destroyed.
  class Watch {
   public:
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // True when there may be news since the last Wait returned; false at the deadline, when cancelled or evicted.
    async::Task<bool> Wait(core::Deadline deadline);
    // A newer stream of the same visitor took its place.
    bool evicted() const { return evicted_; }
    // What the reader has seen, so that only those who missed something are woken by what they may have seen already.
    void Saw(std::int64_t version, std::int64_t sequence) {
      version_ = version;
      sequence_ = sequence;
    }

   private:
    friend class Watchers;
    Watch(Watchers& owner, ConversationId id) : owner_(owner), id_(std::move(id)) {}

    Watchers& owner_;
    ConversationId id_;
    std::int64_t version_ = 0;
    std::int64_t sequence_ = 0;
    bool news_ = true;
    bool evicted_ = false;
    async::Notifier notifier_;
  };

  // Beyond the bound per conversation the oldest watch of it is evicted: a page that reconnects must not be kept out by
  // its own dead line. RESOURCE_EXHAUSTED beyond the total.
  absl::StatusOr<std::unique_ptr<Watch>> Open(const ConversationId& id);

  void Wake(const ConversationId& id);
  void WakeAll();
  // Wakes those who have seen an older version of the conversation, or not this message yet.
  void WakeIfOlder(const ConversationId& id, std::int64_t version);
  void WakeIfBehind(const ConversationId& id, std::int64_t sequence);
  std::vector<ConversationId> Watched() const;
  std::size_t open() const { return open_; }

 private:
  static void Notify(Watch& watch);

  std::size_t per_conversation_;
  std::size_t total_;
  std::size_t open_ = 0;
  std::unordered_map<ConversationId, std::vector<Watch*>> watches_;  // oldest first
};

}  // namespace haven::channels
