#include "services/desk/feed/feed_hub.h"

#include <algorithm>
#include <utility>

namespace haven::desk::feed {
namespace {

void Add(Dirty& dirty, const Notice& notice) {
  switch (notice.kind) {
    case Notice::Kind::kAgent:
      dirty.agent = true;
      return;
    case Notice::Kind::kContact:
      dirty.agent = true;
      dirty.contacts.insert(notice.contact_id);
      return;
    case Notice::Kind::kMessage: {
      const auto [at, fresh] = dirty.conversations.try_emplace(notice.conversation_id, notice.sequence - 1);
      if (!fresh) at->second = std::min(at->second, notice.sequence - 1);
      return;
    }
    case Notice::Kind::kDelivery:
      if (!notice.contact_id.empty()) dirty.contacts.insert(notice.contact_id);
      return;
  }
}

}  // namespace

void Dirty::Merge(const Dirty& other) {
  agent |= other.agent;
  lost |= other.lost;
  contacts.insert(other.contacts.begin(), other.contacts.end());
  for (const auto& [conversation, after] : other.conversations) {
    const auto [at, fresh] = conversations.try_emplace(conversation, after);
    if (!fresh) at->second = std::min(at->second, after);
  }
}

Feed::Feed(FeedHub& hub, std::string agent_id, std::function<void()> wake)
    : hub_(hub), agent_id_(std::move(agent_id)), wake_(std::move(wake)) {
  hub_.feeds_.insert(this);
  hub_.by_agent_[agent_id_].insert(this);
}

Feed::~Feed() {
  Follow({});
  hub_.feeds_.erase(this);
  auto& mine = hub_.by_agent_[agent_id_];
  mine.erase(this);
  if (mine.empty()) hub_.by_agent_.erase(agent_id_);
}

void Feed::Follow(const std::vector<std::string>& conversations) {
  const std::unordered_set<std::string> wanted(conversations.begin(), conversations.end());
  for (const auto& old : following_) {
    if (wanted.contains(old)) continue;
    auto& followers = hub_.by_conversation_[old];
    followers.erase(this);
    if (followers.empty()) hub_.by_conversation_.erase(old);
  }
  for (const auto& conversation : wanted) hub_.by_conversation_[conversation].insert(this);
  following_ = wanted;
}

Dirty Feed::Take(std::string* cursor) {
  *cursor = hub_.cursor_;
  return std::exchange(dirty_, {});
}

void Feed::Mark(const Notice& notice) {
  const bool was_clean = dirty_.empty();
  Add(dirty_, notice);
  if (was_clean && !dirty_.empty()) wake_();
}

void FeedHub::Publish(const Notice& notice, std::string cursor) {
  remembered_.push_back({notice, std::exchange(cursor_, std::move(cursor))});
  if (remembered_.size() > max_remembered_) remembered_.pop_front();
  if (const auto found = by_agent_.find(notice.agent_id); !notice.agent_id.empty() && found != by_agent_.end()) {
    for (Feed* feed : found->second) feed->Mark(notice);
  }
  if (notice.conversation_id.empty()) return;
  if (const auto found = by_conversation_.find(notice.conversation_id); found != by_conversation_.end()) {
    for (Feed* feed : found->second) {
      if (feed->agent_id_ != notice.agent_id) feed->Mark(notice);
    }
  }
}

void FeedHub::SetCursor(std::string cursor) {
  cursor_ = std::move(cursor);
}

void FeedHub::Lost(std::string cursor) {
  remembered_.clear();
  cursor_ = std::move(cursor);
  for (Feed* feed : feeds_) {
    feed->dirty_.lost = true;
    feed->wake_();
  }
}

std::optional<Dirty> FeedHub::Since(const std::string& cursor, const std::string& agent_id,
                                    const std::unordered_set<std::string>& following) const {
  Dirty dirty;
  if (cursor.empty()) return std::nullopt;
  if (cursor == cursor_) return dirty;
  // Resumed feeds are recent: look from the end.
  auto from = std::find_if(remembered_.rbegin(), remembered_.rend(),
                           [&](const auto& entry) { return entry.cursor_before == cursor; });
  if (from == remembered_.rend()) return std::nullopt;
  for (auto entry = from.base() - 1; entry != remembered_.end(); ++entry) {
    const Notice& notice = entry->notice;
    if (notice.agent_id == agent_id || following.contains(notice.conversation_id)) Add(dirty, notice);
  }
  return dirty;
}

}  // namespace haven::desk::feed
