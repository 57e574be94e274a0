#include "services/channels/api/watchers.h"

#include <algorithm>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::channels {
namespace {

constexpr std::size_t kMostEnding = 4;

}  // namespace

Watchers::Watch::~Watch() {
  const auto it = owner_.watches_.find(id_);
  auto& of = it->second;
  of.erase(std::remove(of.begin(), of.end(), this), of.end());
  if (of.empty()) owner_.watches_.erase(it);
  --owner_.open_;
}

async::Task<bool> Watchers::Watch::Wait(core::Deadline deadline) {
  while (!news_ && !evicted_) {
    const bool woken = co_await notifier_.Wait(deadline);
    if (!woken) co_return false;
  }
  news_ = false;
  co_return !evicted_;
}

absl::StatusOr<std::unique_ptr<Watchers::Watch>> Watchers::Open(const ConversationId& id) {
  if (open_ >= total_) {
    return core::LimitError(errors::v1::REASON_OVERLOADED, "too many open chats on this hub", std::chrono::seconds(10));
  }
  auto& of = watches_[id];
  // Streams whose place was taken end as soon as their last write does.
  if (of.size() >= per_conversation_ * kMostEnding) {
    return core::LimitError(errors::v1::REASON_OVERLOADED, "too many streams of this chat", std::chrono::seconds(30));
  }
  auto watch = std::unique_ptr<Watch>(new Watch(*this, id));
  of.push_back(watch.get());
  ++open_;
  std::size_t alive = 0;
  for (auto it = of.rbegin(); it != of.rend(); ++it) {
    if ((*it)->evicted_ || ++alive <= per_conversation_) continue;
    (*it)->evicted_ = true;
    (*it)->notifier_.NotifyAll();
  }
  return watch;
}

void Watchers::Notify(Watch& watch) {
  watch.news_ = true;
  watch.notifier_.NotifyAll();
}

void Watchers::Wake(const ConversationId& id) {
  const auto it = watches_.find(id);
  if (it == watches_.end()) return;
  for (Watch* watch : it->second) Notify(*watch);
}

void Watchers::WakeAll() {
  for (auto& [id, of] : watches_) {
    for (Watch* watch : of) Notify(*watch);
  }
}

void Watchers::WakeIfOlder(const ConversationId& id, std::int64_t version) {
  const auto it = watches_.find(id);
  if (it == watches_.end()) return;
  for (Watch* watch : it->second) {
    if (watch->version_ < version) Notify(*watch);
  }
}

void Watchers::WakeIfBehind(const ConversationId& id, std::int64_t sequence) {
  const auto it = watches_.find(id);
  if (it == watches_.end()) return;
  for (Watch* watch : it->second) {
    if (watch->sequence_ < sequence) Notify(*watch);
  }
}

std::vector<ConversationId> Watchers::Watched() const {
  std::vector<ConversationId> ids;
  ids.reserve(watches_.size());
  for (const auto& [id, of] : watches_) ids.push_back(id);
  return ids;
}

}  // namespace haven::channels
