#include "libs/redis/pending.h"

#include <algorithm>
#include <utility>

namespace haven::redis {

void PendingReplies::Push(Waiter* waiter, TimePoint now) {
  if (waiter == nullptr) {
    slots_.push_back({nullptr, now});
    return;
  }
  waiter->first_slot = front_ + slots_.size();
  for (std::size_t i = 0; i < waiter->out.size(); ++i) slots_.push_back({waiter, now});
}

PendingReplies::Taken PendingReplies::Take(Value& reply) {
  Waiter* const waiter = slots_.front().waiter;
  slots_.pop_front();
  ++front_;
  if (waiter == nullptr) return {};
  waiter->out[waiter->filled++] = std::move(reply);
  return {true, waiter->filled == waiter->out.size() ? waiter : nullptr};
}

void PendingReplies::Abandon(const Waiter& waiter) {
  const auto first = std::max(waiter.first_slot, front_) - front_;
  const auto last = waiter.first_slot + waiter.out.size() - front_;
  for (auto i = first; i < last; ++i) slots_[i].waiter = nullptr;
}

TimePoint PendingReplies::Expire(TimePoint now, std::vector<Waiter*>& ended) {
  auto next = TimePoint::max();
  for (auto& slot : slots_) {
    Waiter* const waiter = slot.waiter;
    if (waiter == nullptr) continue;
    if (waiter->deadline > now) {
      next = std::min(next, waiter->deadline);
      continue;
    }
    Abandon(*waiter);
    ended.push_back(waiter);
  }
  return next;
}

void PendingReplies::Drop(std::vector<Waiter*>& ended) {
  const Waiter* last = nullptr;
  for (const auto& slot : slots_) {
    // The slots of one waiter stand together.
    if (slot.waiter != nullptr && slot.waiter != last) ended.push_back(slot.waiter);
    last = slot.waiter;
  }
  front_ += slots_.size();
  slots_.clear();
}

}  // namespace haven::redis
