#include "services/directory/domain/diff.h"

#include <map>

#include "absl/container/flat_hash_map.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/utf8.h"

namespace haven::directory {
namespace {

// Long texts are cut: the list is for a terminal.
std::string Shown(std::string_view text) {
  constexpr std::size_t kCharacters = 80;
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size() && count < kCharacters; ++count) NextCodePoint(text, &at);
  return at < text.size() ? Cat(text.substr(0, at), "...") : std::string(text);
}

v1::Change MakeChange(v1::Change::Kind kind, std::string path, std::string_view before, std::string_view after) {
  v1::Change change;
  change.set_kind(kind);
  change.set_path(std::move(path));
  change.set_before(Shown(before));
  change.set_after(Shown(after));
  return change;
}

void DiffFields(std::string_view prefix, const Fields& before, const Fields& after, std::vector<v1::Change>* changes) {
  std::map<std::string_view, std::string_view> old(before.begin(), before.end());
  for (const auto& [name, value] : after) {
    const auto found = old.find(name);
    const std::string_view was = found == old.end() ? std::string_view() : found->second;
    if (was != value) {
      const auto kind = was.empty()     ? v1::Change::KIND_ADD
                        : value.empty() ? v1::Change::KIND_REMOVE
                                        : v1::Change::KIND_CHANGE;
      changes->push_back(MakeChange(kind, Cat(prefix, name), was, value));
    }
    if (found != old.end()) old.erase(found);
  }
  for (const auto& [name, value] : old) {
    if (value.empty()) continue;
    changes->push_back(MakeChange(v1::Change::KIND_REMOVE, Cat(prefix, name), value, ""));
  }
}

const std::string& KeyOf(const v1::UserSpec& user) {
  return user.username();
}
template <class Item>
const std::string& KeyOf(const Item& item) {
  return item.key();
}

std::string_view NameOf(const Fields& fields) {
  return fields.empty() ? std::string_view() : fields.front().second;
}

template <class List>
void DiffList(std::string_view list, const List& before, const List& after, bool ordered,
              std::vector<v1::Change>* changes) {
  absl::flat_hash_map<std::string_view, const typename List::value_type*> old;
  for (const auto& item : before) old.emplace(KeyOf(item), &item);
  std::vector<std::string_view> order_after;
  for (const auto& item : after) {
    const std::string path = Cat(list, ".", KeyOf(item));
    const auto found = old.find(KeyOf(item));
    if (found == old.end()) {
      changes->push_back(MakeChange(v1::Change::KIND_ADD, path, "", NameOf(Describe(item))));
      continue;
    }
    DiffFields(Cat(path, "."), Describe(*found->second), Describe(item), changes);
    order_after.push_back(KeyOf(item));
    old.erase(found);
  }
  std::vector<std::string_view> order_before;
  for (const auto& item : before) {
    if (old.contains(KeyOf(item))) {
      changes->push_back(MakeChange(v1::Change::KIND_REMOVE, Cat(list, ".", KeyOf(item)), NameOf(Describe(item)), ""));
    } else {
      order_before.push_back(KeyOf(item));
    }
  }
  if (ordered && order_before != order_after) {
    changes->push_back(
        MakeChange(v1::Change::KIND_CHANGE, Cat(list, " (order)"), Join(order_before, ", "), Join(order_after, ", ")));
  }
}

}  // namespace

std::vector<v1::Change> Diff(const v1::HubSpec& before, const v1::HubSpec& after) {
  std::vector<v1::Change> changes;
  DiffFields("", Describe(before), Describe(after), &changes);
  DiffList("hours", before.hours(), after.hours(), true, &changes);
  DiffList("skills", before.skills(), after.skills(), true, &changes);
  DiffList("queues", before.queues(), after.queues(), true, &changes);
  DiffList("subjects", before.subjects(), after.subjects(), true, &changes);
  DiffList("teams", before.teams(), after.teams(), true, &changes);
  // Users are listed by name whatever their order in the file.
  DiffList("users", before.users(), after.users(), false, &changes);
  DiffList("channels", before.channels(), after.channels(), true, &changes);
  DiffList("dispositions", before.dispositions(), after.dispositions(), true, &changes);
  return changes;
}

}  // namespace haven::directory
