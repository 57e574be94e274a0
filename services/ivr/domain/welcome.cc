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
  n["told"] = BranchNode{variable::kSaid, {{"1", "thank"}}, "chosen"};
  // Whoever has chosen waits in line already while they tell: nobody who falls silent is left with a machine. Where
  // nothing was to be chosen the first words are waited for, so that a page opened by chance is no contact for anybody.
  n["chosen"] = BranchNode{variable::kSubject, {{"", "before_telling"}}, "invite"};
  n["invite"] = HoursNode{"invite_open", "invite_closed"};
  n["invite_open"] = SayNode{"queued_tell", "queue"};
  n["invite_closed"] = SayNode{"closed", "invite_to_tell"};
  n["invite_to_tell"] = SayNode{"tell_us", "queue"};
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
