#include "services/desk/feed/feed_hub.h"

#include <catch2/catch.hpp>

namespace haven::desk::feed {
namespace {

Notice Message(std::string conversation, std::int64_t sequence) {
  return {.kind = Notice::Kind::kMessage,
          .agent_id = {},
          .contact_id = {},
          .conversation_id = std::move(conversation),
          .sequence = sequence};
}
Notice Agent(std::string agent) {
  return {.kind = Notice::Kind::kAgent,
          .agent_id = std::move(agent),
          .contact_id = {},
          .conversation_id = {},
          .sequence = 0};
}

TEST_CASE("Feed_HearsItsAgentAndItsConversations_NothingElse") {
  FeedHub hub;
  hub.SetCursor("g@0");
  int woken = 0;
  Feed feed(hub, "amal", [&] { ++woken; });
  feed.Follow({"v1"});
  hub.Publish(Agent("other"), "g@1");
  hub.Publish(Message("v2", 1), "g@2");
  std::string cursor;
  CHECK(feed.Take(&cursor).empty());
  hub.Publish(Message("v1", 8), "g@3");
  hub.Publish(Message("v1", 9), "g@4");
  hub.Publish(Agent("amal"), "g@5");
  CHECK(woken == 1);
  const auto dirty = feed.Take(&cursor);
  CHECK(cursor == "g@5");
  CHECK(dirty.agent);
  CHECK(dirty.conversations.at("v1") == 7);
  feed.Follow({});
  hub.Publish(Message("v1", 10), "g@6");
  CHECK(feed.Take(&cursor).empty());
}

TEST_CASE("Since_KnownCursor_TellsWhatWasMissed") {
  FeedHub hub;
  hub.SetCursor("g@0");
  hub.Publish(Agent("amal"), "g@1");
  hub.Publish(Message("v1", 5), "g@2");
  hub.Publish(Message("v2", 1), "g@3");
  const auto missed = hub.Since("g@1", "amal", {"v1"});
  REQUIRE(missed.has_value());
  CHECK_FALSE(missed->agent);
  CHECK(missed->conversations.size() == 1);
  CHECK(missed->conversations.at("v1") == 4);
  CHECK(hub.Since("g@3", "amal", {"v1"})->empty());
  CHECK(hub.Since("g@0", "amal", {})->agent);
}

TEST_CASE("Since_UnknownOrTrimmedCursor_IsNotAGapPassedOver") {
  FeedHub hub(2);
  hub.SetCursor("g@0");
  for (int i = 1; i <= 5; ++i) hub.Publish(Agent("amal"), "g@" + std::to_string(i));
  CHECK_FALSE(hub.Since("g@0", "amal", {}).has_value());
  CHECK_FALSE(hub.Since("h@4", "amal", {}).has_value());
  CHECK_FALSE(hub.Since("", "amal", {}).has_value());
  CHECK(hub.Since("g@3", "amal", {}).has_value());
}

TEST_CASE("Lost_EveryFeedNeedsASnapshot") {
  FeedHub hub;
  hub.SetCursor("g@0");
  int woken = 0;
  Feed feed(hub, "amal", [&] { ++woken; });
  hub.Publish(Agent("amal"), "g@1");
  hub.Lost("h@9");
  std::string cursor;
  CHECK(feed.Take(&cursor).lost);
  CHECK(cursor == "h@9");
  CHECK_FALSE(hub.Since("g@1", "amal", {}).has_value());
}

}  // namespace
}  // namespace haven::desk::feed
