#include "services/ivr/domain/engine.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/text/language.h"
#include "libs/text/plain_text.h"
#include "services/ivr/domain/answer.h"
#include "services/ivr/domain/texts.h"

namespace haven::ivr {
namespace {

constexpr int kMaxNodesPerStep = 64;
constexpr int kMaxRepeats = 2;
constexpr std::size_t kMaxChoices = 10;
constexpr std::size_t kMaxTitle = 80;
constexpr std::size_t kMaxQuestionLines = 4;
// From this length on an answer that fits no choice is taken as what the person has to tell.
constexpr std::size_t kStoryCharacters = 20;

std::string Get(const Session& session, const std::string& name) {
  const auto it = session.variables.find(name);
  return it == session.variables.end() ? std::string() : it->second;
}

// One step of one session. Lives for the call of Step.
class Walk {
 public:
  Walk(const Flow& flow, const Facts& facts, Session* session, Outcome* outcome)
      : flow_(flow), facts_(facts), session_(*session), outcome_(*outcome) {}

  void Start(const Event& event) {
    if (!facts_.person_language.empty()) Set(variable::kLanguage, facts_.person_language);
    if (facts_.languages.size() == 1) Learn(variable::kLanguage, facts_.languages.front());
    if (facts_.returning) Set(variable::kReturning, "1");
    if (!event.text.empty()) Set(variable::kSaid, "1");
    if (facts_.returning && !event.text.empty() && FindSubject(facts_.last_subject) != nullptr) {
      Learn(variable::kSubject, facts_.last_subject);
    }
    if (AsksForHuman(event.text, facts_.languages)) return Go(flow_.human);
    Go(flow_.start);
  }

  void Answer(const Event& event) {
    const auto it = flow_.nodes.find(session_.node);
    const auto* ask = it == flow_.nodes.end() ? nullptr : std::get_if<AskNode>(&it->second);
    if (ask == nullptr) return Fail(absl::StrCat("no question at node ", session_.node));
    if (ask->kind == AnswerKind::kFreeText) {
      Set(ask->variable, "1");
      return Go(ask->next);
    }
    const std::vector<Option> options = Options(*ask);
    if (const auto chosen = FindOption(options, event.choice_id, event.text)) {
      Learn(ask->variable, options[*chosen].id);
      return Go(ask->next);
    }
    if (text::CountCharacters(event.text) >= kStoryCharacters) Set(variable::kSaid, "1");
    if (AsksForHuman(event.text, facts_.languages) || session_.misses >= kMaxRepeats) return Go(flow_.human);
    ++session_.misses;
    SayText("not_understood");
    Ask(*ask);
  }

 private:
  void Go(std::string id) {
    session_.misses = 0;
    for (int walked = 0; walked < kMaxNodesPerStep; ++walked) {
      const auto it = flow_.nodes.find(id);
      if (it == flow_.nodes.end()) return Fail(absl::StrCat("no node ", id));
      if (!Visit(it->second, &id)) return;
    }
    Fail(absl::StrCat("more than ", kMaxNodesPerStep, " nodes without a question, at node ", id));
  }

  // True to go on at *id; false when the flow waits, has handed over or has ended.
  bool Visit(const Node& node, std::string* id) {
    if (const auto* say = std::get_if<SayNode>(&node)) {
      SayText(say->text);
      *id = say->next;
    } else if (const auto* ask = std::get_if<AskNode>(&node)) {
      if (Get(session_, ask->variable).empty() && Askable(*ask)) {
        session_.node = *id;
        Ask(*ask);
        return false;
      }
      *id = ask->next;
    } else if (const auto* branch = std::get_if<BranchNode>(&node)) {
      const std::string value = Get(session_, branch->variable);
      const auto it =
          std::find_if(branch->cases.begin(), branch->cases.end(), [&](const auto& c) { return c.first == value; });
      *id = it == branch->cases.end() ? branch->otherwise : it->second;
    } else if (const auto* hours = std::get_if<HoursNode>(&node)) {
      *id = facts_.open ? hours->open : hours->closed;
    } else if (const auto* set = std::get_if<SetNode>(&node)) {
      Learn(set->variable, set->value);
      *id = set->next;
    } else if (const auto* enqueue = std::get_if<EnqueueNode>(&node)) {
      HandOverTo(enqueue->queue);
      return false;
    } else {
      session_.state = SessionState::kEnded;
      session_.node.clear();
      outcome_.end = true;
      return false;
    }
    return true;
  }

  void Set(const std::string& name, const std::string& value) { session_.variables[name] = value; }

  // Set, and tell the outside what it must know.
  void Learn(const std::string& name, const std::string& value) {
    Set(name, value);
    if (name == variable::kLanguage) outcome_.language = value;
    if (name == variable::kSubject) outcome_.subject = value;
  }

  const Subject* FindSubject(const std::string& key) const {
    const auto it = std::find_if(facts_.subjects.begin(), facts_.subjects.end(),
                                 [&](const Subject& subject) { return subject.key == key; });
    return it == facts_.subjects.end() || key.empty() ? nullptr : &*it;
  }

  // Languages to speak in, best first.
  std::vector<std::string> Speak() const {
    std::vector<std::string> out;
    if (const std::string chosen = Get(session_, variable::kLanguage); !chosen.empty()) out.push_back(chosen);
    if (!facts_.page_language.empty() && out.empty()) out.push_back(facts_.page_language);
    out.insert(out.end(), facts_.languages.begin(), facts_.languages.end());
    return out;
  }

  void SayText(const std::string& key) {
    TextValues values{{"hub", facts_.hub_name}};
    std::string name = key;
    if (facts_.opens) {
      if (const std::string dated = absl::StrCat(key, "_now"); HasText(dated)) name = dated;
      values["opens"] = OpeningPhrase(facts_.now, *facts_.opens, Speak());
    }
    outcome_.says.push_back({Text(name, Speak(), values), {}});
  }

  // A hub without subjects, or with one language, has nothing to ask.
  bool Askable(const AskNode& ask) const {
    return (ask.kind != AnswerKind::kLanguages || !facts_.languages.empty()) &&
           (ask.kind != AnswerKind::kSubjects || !facts_.subjects.empty());
  }

  std::vector<Option> Options(const AskNode& ask) const {
    if (ask.kind == AnswerKind::kLanguages) return LanguageOptions(facts_.languages);
    std::vector<Option> options;
    if (ask.kind == AnswerKind::kSubjects) {
      for (const Subject& subject : facts_.subjects) options.push_back(SubjectOption(subject));
    }
    for (const ListedChoice& choice : ask.choices) options.push_back({choice.id, Text(choice.text, Speak()), {}});
    return options;
  }

  // Shown in the person's language; understood in every language of the hub.
  Option SubjectOption(const Subject& subject) const {
    Option option{subject.key, subject.key, {}};
    for (const auto& [language, title] : subject.titles) option.aliases.push_back(title);
    for (const std::string& tag : Speak()) {
      const auto it = std::find_if(subject.titles.begin(), subject.titles.end(), [&](const auto& title) {
        return text::PrimarySubtag(title.first) == text::PrimarySubtag(tag);
      });
      if (it == subject.titles.end()) continue;
      option.title = it->second;
      break;
    }
    return option;
  }

  void Ask(const AskNode& ask) {
    Said said{Question(ask), {}};
    for (const Option& option : Options(ask)) {
      if (said.choices.size() == kMaxChoices) {
        outcome_.says.push_back(std::move(said));
        said = Said{Text("more_choices", Speak()), {}};
      }
      said.choices.push_back({option.id, Shortened(option.title)});
    }
    outcome_.says.push_back(std::move(said));
  }

  // Who is asked for their language may not read the one we speak: the question stands in several, a line each.
  std::string Question(const AskNode& ask) const {
    if (ask.kind != AnswerKind::kLanguages) return Text(ask.text, Speak(), {{"hub", facts_.hub_name}});
    std::vector<std::string> lines;
    for (const std::string& tag : Speak()) {
      if (!HasLanguage(tag) || lines.size() == kMaxQuestionLines) continue;
      std::string line = Text(ask.text, {tag});
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
    }
    if (lines.empty()) lines.push_back(Text(ask.text, {}));
    std::string out;
    for (const std::string& line : lines) absl::StrAppend(&out, out.empty() ? "" : "\n", line);
    return out;
  }

  static std::string Shortened(const std::string& title) {
    if (text::CountCharacters(title) <= kMaxTitle) return title;
    return std::string(text::Truncate(title, kMaxTitle - 1)) + "…";
  }

  void HandOverTo(const std::string& fixed_queue) {
    session_.state = SessionState::kHandedOver;
    session_.node.clear();
    HandOver hand_over;
    const Subject* subject = FindSubject(Get(session_, variable::kSubject));
    hand_over.queue = subject != nullptr ? subject->queue : fixed_queue;
    if (hand_over.queue.empty()) hand_over.queue = facts_.default_queue;
    hand_over.language = Get(session_, variable::kLanguage);
    if (hand_over.language.empty()) hand_over.language = text::MatchLanguage(facts_.page_language, facts_.languages);
    hand_over.preferred_agent = facts_.last_agent;
    outcome_.hand_over = std::move(hand_over);
  }

  void Fail(std::string why) {
    outcome_.failure = std::move(why);
    SayText("failed");
    HandOverTo("");
  }

  const Flow& flow_;
  const Facts& facts_;
  Session& session_;
  Outcome& outcome_;
};

}  // namespace

Session Begin(const Flow& flow) {
  Session session;
  session.flow = flow.key;
  session.flow_version = flow.version;
  return session;
}

Outcome Step(const Flow& flow, const Facts& facts, const Event& event, Session* session) {
  Outcome outcome;
  if (session->state == SessionState::kHandedOver) return outcome;
  const bool ended = session->state == SessionState::kEnded;
  if (ended) *session = Begin(flow);
  Walk walk(flow, facts, session, &outcome);
  if (event.start || ended || session->node.empty()) {
    walk.Start(event);
  } else {
    walk.Answer(event);
  }
  return outcome;
}

}  // namespace haven::ivr
