#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace haven::desk::feed {

// What an event of the hub's stream means to feeds; ids only.
struct Notice {
  enum class Kind { kAgent, kContact, kMessage, kDelivery };
  Kind kind = Kind::kAgent;
  std::string agent_id;         // kAgent, and whoever an event names
  std::string contact_id;       // kContact
  std::string conversation_id;  // kMessage, kDelivery
  std::int64_t sequence = 0;    // kMessage
};

// What one feed has to fetch and tell.
struct Dirty {
  bool agent = false;
  std::set<std::string> contacts;
  // Conversation to the highest sequence the reader is known to have: messages after it are due.
  std::map<std::string, std::int64_t> conversations;
  bool lost = false;  // notices were lost: only a snapshot helps

  bool empty() const { return !agent && contacts.empty() && conversations.empty() && !lost; }
  void Merge(const Dirty& other);
};

class FeedHub;

// One open feed. Loop thread only.
class Feed {
 public:
  Feed(FeedHub& hub, std::string agent_id, std::function<void()> wake);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  const std::string& agent_id() const { return agent_id_; }
  // Conversations whose messages concern this agent now: replaces the list.
  void Follow(const std::vector<std::string>& conversations);
  bool Follows(const std::string& conversation) const { return following_.contains(conversation); }
  // What has gathered since the last call, and the cursor that covers it.
  Dirty Take(std::string* cursor);

 private:
  friend class FeedHub;
  void Mark(const Notice& notice);

  FeedHub& hub_;
  std::string agent_id_;
  std::function<void()> wake_;
  std::unordered_set<std::string> following_;
  Dirty dirty_;
};

// Hands each event of the stream to the feeds it concerns and remembers the last ones, so that a feed that was cut off
// goes on where it was. Costs per event: the feeds of one agent, or the followers of one conversation. Loop thread
// only.
class FeedHub {
 public:
  explicit FeedHub(std::size_t remembered = 20'000) : max_remembered_(remembered) {}

  // `cursor` names the place after this event. Cursors are compared for equality alone.
  void Publish(const Notice& notice, std::string cursor);
  // The place before the first event: after start and after Lost.
  void SetCursor(std::string cursor);
  // Events were lost (the stream is another one, or was trimmed): every feed needs a snapshot.
  void Lost(std::string cursor);

  const std::string& cursor() const { return cursor_; }
  // What concerned `agent_id` or a conversation in `following` since `cursor`; nullopt if that place is not remembered.
  std::optional<Dirty> Since(const std::string& cursor, const std::string& agent_id,
                             const std::unordered_set<std::string>& following) const;
  std::size_t feeds() const { return feeds_.size(); }
  std::vector<Feed*> all() const { return {feeds_.begin(), feeds_.end()}; }

 private:
  friend class Feed;
  struct Remembered {
    Notice notice;
    std::string cursor_before;
  };
  std::unordered_set<Feed*> feeds_;
  std::unordered_map<std::string, std::unordered_set<Feed*>> by_agent_, by_conversation_;
  std::deque<Remembered> remembered_;
  std::size_t max_remembered_;
  std::string cursor_;
};

}  // namespace haven::desk::feed
