#include "services/ivr/domain/flow.h"

#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/ivr/domain/texts.h"

namespace haven::ivr {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::vector<std::string> Successors(const Node& node) {
  return std::visit(Overloaded{[](const SayNode& n) { return std::vector<std::string>{n.next}; },
                               [](const AskNode& n) { return std::vector<std::string>{n.next}; },
                               [](const BranchNode& n) {
                                 std::vector<std::string> out{n.otherwise};
                                 for (const auto& [value, next] : n.cases) out.push_back(next);
                                 return out;
                               },
                               [](const HoursNode& n) {
                                 return std::vector<std::string>{n.open, n.closed};
                               },
                               [](const SetNode& n) { return std::vector<std::string>{n.next}; },
                               [](const EnqueueNode&) { return std::vector<std::string>{}; },
                               [](const EndNode&) { return std::vector<std::string>{}; }},
                    node);
}

void CheckTexts(const std::string& id, const Node& node, std::vector<std::string>* problems) {
  const auto check = [&](const std::string& key) {
    if (!HasText(key)) problems->push_back(absl::StrCat("node ", id, ": no text \"", key, "\""));
  };
  if (const auto* say = std::get_if<SayNode>(&node)) check(say->text);
  if (const auto* ask = std::get_if<AskNode>(&node)) {
    check(ask->text);
    for (const ListedChoice& choice : ask->choices) check(choice.text);
    if (ask->variable.empty()) problems->push_back(absl::StrCat("node ", id, ": names no variable"));
    if ((ask->kind == AnswerKind::kListed) == ask->choices.empty()) {
      problems->push_back(absl::StrCat("node ", id, ": choices belong to a question of listed answers"));
    }
  }
}

// A circle without a question: a walk would only stop at its bound. Questions are skipped when known, so a circle
// through one is a mistake as well unless its variable changes; such flows are written with Set.
bool HasCircle(const Flow& flow) {
  std::set<std::string> done;
  std::set<std::string> open;
  const std::function<bool(const std::string&)> visit = [&](const std::string& id) {
    const auto it = flow.nodes.find(id);
    if (it == flow.nodes.end() || done.count(id) != 0) return false;
    if (std::holds_alternative<AskNode>(it->second)) return false;
    if (!open.insert(id).second) return true;
    for (const std::string& next : Successors(it->second)) {
      if (visit(next)) return true;
    }
    open.erase(id);
    done.insert(id);
    return false;
  };
  for (const auto& [id, node] : flow.nodes) {
    if (visit(id)) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> Problems(const Flow& flow) {
  std::vector<std::string> problems;
  const auto check_node = [&](const std::string& from, const std::string& to) {
    if (flow.nodes.count(to) == 0) problems.push_back(absl::StrCat(from, ": no node \"", to, "\""));
  };
  check_node("start", flow.start);
  check_node("human", flow.human);
  for (const auto& [id, node] : flow.nodes) {
    for (const std::string& next : Successors(node)) check_node(absl::StrCat("node ", id), next);
    CheckTexts(id, node, &problems);
  }
  if (HasCircle(flow)) problems.emplace_back("a circle of nodes never waits for the person");
  return problems;
}

}  // namespace haven::ivr
