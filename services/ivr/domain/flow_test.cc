#include "services/ivr/domain/flow.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "services/ivr/domain/welcome.h"

namespace haven::ivr {
namespace {

bool Mentions(const std::vector<std::string>& problems, const std::string& piece) {
  return std::any_of(problems.begin(), problems.end(),
                     [&](const std::string& p) { return p.find(piece) != std::string::npos; });
}

TEST_CASE("The built-in flow has no problems") {
  CHECK(Problems(WelcomeFlow()).empty());
  CHECK(FindFlow("welcome") == &WelcomeFlow());
  CHECK(FindFlow("other") == nullptr);
}

TEST_CASE("Problems of a flow are told all at once") {
  Flow flow{"f", 1, "missing", "a", {}};
  flow.nodes["a"] = SayNode{"no_such_text", "b"};
  flow.nodes["b"] = AskNode{"ask_subject", "", AnswerKind::kListed, {}, "nowhere"};
  const auto problems = Problems(flow);
  CHECK(Mentions(problems, "start: no node \"missing\""));
  CHECK(Mentions(problems, "node a: no text \"no_such_text\""));
  CHECK(Mentions(problems, "node b: names no variable"));
  CHECK(Mentions(problems, "node b: choices belong"));
  CHECK(Mentions(problems, "node b: no node \"nowhere\""));
}

TEST_CASE("A circle that never waits is a problem") {
  Flow flow{"f", 1, "a", "a", {}};
  flow.nodes["a"] = SayNode{"welcome", "b"};
  flow.nodes["b"] = SetNode{"x", "1", "a"};
  CHECK(Mentions(Problems(flow), "circle"));
  flow.nodes["b"] = AskNode{"ask_subject", "x", AnswerKind::kFreeText, {}, "a"};
  CHECK_FALSE(Mentions(Problems(flow), "circle"));
}

}  // namespace
}  // namespace haven::ivr
