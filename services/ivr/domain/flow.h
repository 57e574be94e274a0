#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// A flow is a script of nodes. The engine walks from node to node until one waits for the person, hands over or ends.
namespace haven::ivr {

// Says a text of the catalogue, by key, in the person's language.
struct SayNode {
  std::string text;
  std::string next;
};

enum class AnswerKind {
  kFreeText,   // anything the person writes
  kLanguages,  // one of the hub's languages, offered in their own names; sets the session's language
  kSubjects,   // one of the hub's subjects
  kListed,     // one of `choices`
};

struct ListedChoice {
  std::string id;
  std::string text;  // catalogue key of its title
};

// Asks and waits for the answer, which is kept in `variable` (free text only as "1": texts stay in channels). Skipped
// when the variable is set. Another answer than those offered repeats the question twice, then leads to the flow's
// `human` node.
struct AskNode {
  std::string text;
  std::string variable;
  AnswerKind kind = AnswerKind::kFreeText;
  std::vector<ListedChoice> choices;
  std::string next;
};

// Goes on by the value of a variable; an unset one has the value "".
struct BranchNode {
  std::string variable;
  std::vector<std::pair<std::string, std::string>> cases;  // value, next
  std::string otherwise;
};

// Goes on by the hours of the channel.
struct HoursNode {
  std::string open;
  std::string closed;
};

struct SetNode {
  std::string variable;
  std::string value;
  std::string next;
};

// Hands the contact over to people: the queue of the subject, else `queue`, else the hub's default queue.
struct EnqueueNode {
  std::string queue;
};

// The flow has answered everything.
struct EndNode {};

using Node = std::variant<SayNode, AskNode, BranchNode, HoursNode, SetNode, EnqueueNode, EndNode>;

// Immutable once validated.
struct Flow {
  std::string key;
  int version = 1;
  std::string start;
  // Where a wish for a human being and answers that were not understood lead.
  std::string human;
  std::map<std::string, Node> nodes;
};

// Variables with a meaning to the engine.
namespace variable {
inline constexpr char kLanguage[] = "language";    // BCP 47 tag
inline constexpr char kSubject[] = "subject";      // subject key of the hub
inline constexpr char kSaid[] = "said";            // "1" once the person has told something in their own words
inline constexpr char kReturning[] = "returning";  // "1" if an earlier contact exists
}  // namespace variable

// Mistakes in a flow, one line each: unknown nodes and texts, questions without choices, circles that never wait.
std::vector<std::string> Problems(const Flow& flow);

}  // namespace haven::ivr
