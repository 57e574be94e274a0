#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "haven/directory/v1/hub.pb.h"
#include "services/directory/domain/validate.h"

// Inside of Validate: shared by its parts, for nobody else.
namespace haven::directory::checks {

// The keys of one kind of thing.
class KeySet {
 public:
  void Add(std::string_view key);
  bool Holds(std::string_view key) const { return uses_.contains(key); }
  // Counts the reference; false if there is no such key.
  bool Use(std::string_view key);
  bool Used(std::string_view key) const;
  const std::vector<std::string_view>& keys() const { return keys_; }

 private:
  std::vector<std::string_view> keys_;  // in order, for suggestions
  absl::flat_hash_map<std::string_view, int> uses_;
};

class Checker {
 public:
  explicit Checker(const v1::HubSpec& spec);

  const v1::HubSpec& spec;
  KeySet hours, skills, queues, teams, languages;
  Findings findings;

  void Mistake(std::string path, std::string description);
  void Warn(std::string path, std::string description);
  // No more mistakes are told: stop looking.
  bool full() const { return findings.mistakes.size() >= static_cast<std::size_t>(limits::kFindings); }

  // False (and a mistake) if there are too many things to look at each.
  bool Count(std::string_view path, int count, int most);
  // A key's form, and that it is the first of its kind; `seen` holds where each key was.
  using Seen = absl::flat_hash_map<std::string_view, std::string>;
  void Key(const std::string& thing_path, std::string_view key, Seen* seen);
  // One line for people, at most `most` characters.
  void Line(std::string path, std::string_view text, bool required, int most);
  // Several lines are allowed.
  void Text(std::string path, std::string_view text, bool required, int most, bool lines);
  void Refer(std::string path, std::string_view noun, std::string_view key, KeySet* set);
  void SkillLevels(const std::string& path, const google::protobuf::RepeatedPtrField<v1::SkillLevel>& levels);
  // A whole number of seconds from `least` to `most`; unset is fine.
  void DurationWithin(std::string path, bool set, const google::protobuf::Duration& duration, int least_seconds,
                      int most_seconds);
  // Texts by language: none for a language that the hub does not have, one for each of `needed`.
  enum class Need { kEveryLanguage, kFirstLanguage };
  void Titles(const std::string& path, const google::protobuf::Map<std::string, std::string>& titles, Need need,
              int most, bool lines);
};

bool IsKey(std::string_view text);
std::string At(std::string_view list, int index);

void CheckQueues(Checker& check);    // hours, skills, queues, subjects, dispositions, channels
void CheckPeople(Checker& check);    // teams, users
void CheckCoverage(Checker& check);  // warnings: what nobody serves, what nothing uses

}  // namespace haven::directory::checks
