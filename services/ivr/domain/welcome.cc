#include "services/ivr/domain/welcome.h"

namespace haven::ivr {
namespace {

Flow MakeWelcome() {
  Flow flow;
  flow.key = "welcome";
  flow.version = 1;
  flow.start = "greet";
  flow.human = "to_human";
  auto& n = flow.nodes;
  n["greet"] = BranchNode{variable::kReturning, {{"1", "greet_again"}}, "greet_first"};
  n["greet_first"] = SayNode{"welcome", "language"};
  n["greet_again"] = SayNode{"welcome_back", "language"};
  n["language"] = AskNode{"ask_language", variable::kLanguage, AnswerKind::kLanguages, {}, "subject"};
  n["subject"] = AskNode{"ask_subject", variable::kSubject, AnswerKind::kSubjects, {}, "told"};
  // Who has told already is not asked again.
  n["told"] = BranchNode{variable::kSaid, {{"1", "thank"}}, "before_telling"};
  n["before_telling"] = HoursNode{"tell", "closed"};
  n["closed"] = SayNode{"closed", "tell"};
  n["tell"] = AskNode{"tell_us", variable::kSaid, AnswerKind::kFreeText, {}, "thank"};
  n["thank"] = HoursNode{"thank_open", "thank_closed"};
  n["thank_open"] = SayNode{"queued", "queue"};
  n["thank_closed"] = SayNode{"queued_closed", "queue"};
  n["to_human"] = HoursNode{"human_open", "thank_closed"};
  n["human_open"] = SayNode{"human", "queue"};
  n["queue"] = EnqueueNode{};
  return flow;
}

}  // namespace

const Flow& WelcomeFlow() {
  static const auto* const flow = new Flow(MakeWelcome());
  return *flow;
}

const Flow* FindFlow(const std::string& key) {
  return key == WelcomeFlow().key ? &WelcomeFlow() : nullptr;
}

}  // namespace haven::ivr
