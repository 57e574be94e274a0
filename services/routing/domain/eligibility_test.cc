#include "services/routing/domain/eligibility.h"

#include <catch2/catch.hpp>

namespace haven::routing {
namespace {

AgentFacts Agent(std::string id, std::set<std::string> queues, Skills skills) {
  return {AgentId(std::move(id)), std::move(queues), std::move(skills), {{ChannelId("webchat"), 3, {}}}};
}
QueueFacts Queue(std::string key, Skills requires_skills = {}) {
  return {QueueId(std::move(key)), Span(30'000), std::move(requires_skills)};
}

TEST_CASE("Eligibility_LevelsThatNobodyAsksFor_ShareAProfile") {
  const auto e =
      Eligibility::Make({Agent("a", {"legal"}, {{"ar", 2}, {"law", 3}}), Agent("b", {"legal"}, {{"ar", 5}, {"law", 5}}),
                         Agent("c", {"legal"}, {{"ar", 5}, {"law", 2}})},
                        {Queue("legal", {{"law", 3}})}, 7);
  REQUIRE(e.ok());
  CHECK(e->profiles() == 2);
  const auto lane = e->FindLane(e->LaneOf("legal", {{"ar", 1}}, "webchat"));
  REQUIRE(lane.has_value());
  CHECK(lane->profiles.size() == 1);
  CHECK(lane->revision == 7);
}

TEST_CASE("Eligibility_ALaneIsFoundByItsIdAlone") {
  const auto e = Eligibility::Make({Agent("a", {"help"}, {{"en", 1}})}, {Queue("help")}, 1);
  REQUIRE(e.ok());
  const auto id = e->LaneOf("help", {{"en", 1}}, "webchat");
  CHECK(id.value() == "help|webchat|en:1");
  CHECK(e->FindLane(id)->profiles.size() == 1);
  CHECK(e->FindLane(e->LaneOf("help", {{"fr", 1}}, "webchat"))->profiles.empty());
  for (const auto* bad : {"", "gone|webchat|", "help", "help|webchat|en:x", "a|b|c|d"})
    CHECK_FALSE(e->FindLane(LaneId(bad)).has_value());
}

TEST_CASE("Eligibility_LevelBetween_CountsAsTheNextLower_AndNeverAsNobody") {
  const auto e = Eligibility::Make({Agent("a", {"help"}, {{"ar", 2}})}, {Queue("help")}, 1);
  CHECK(e->FindLane(e->LaneOf("help", {{"ar", 4}}, "webchat"))->profiles.size() == 1);
}

TEST_CASE("Eligibility_TooManyProfilesForAQueue_IsSaidAtOnce") {
  std::vector<AgentFacts> agents;
  for (int i = 0; i < 65; ++i) agents.push_back(Agent(std::to_string(i), {"help"}, {{"skill" + std::to_string(i), 1}}));
  const auto e = Eligibility::Make(agents, {Queue("help"), Queue("calm")}, 1);
  REQUIRE_FALSE(e.ok());
  CHECK(std::string(e.status().message()).find("help (65)") != std::string::npos);
  CHECK(std::string(e.status().message()).find("calm") == std::string::npos);
}

}  // namespace
}  // namespace haven::routing
