#include "services/directory/cli/hub_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "services/directory/cli/hub_reader.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/validate.h"

namespace haven::directory {
namespace {

// Fields that hub.yaml calls otherwise than HubSpec.
std::string_view NameInFile(std::string_view field) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kNames = {{{"display_name", "name"},
                                                                                    {"required_skills", "requires"},
                                                                                    {"password_ref", "password"},
                                                                                    {"target_share", "target"},
                                                                                    {"target_time", "target"},
                                                                                    {"priority_seconds", "priority"},
                                                                                    {"spans", "open"},
                                                                                    {"key", "hub"}}};
  for (const auto& [spec, file] : kNames) {
    if (spec == field) return file;
  }
  return field;
}

// Whether a mistake at `path` is only what follows from `unread`: at the same place, within it, or in the list around
// it.
bool Follows(std::string_view path, std::string_view unread) {
  if (unread.empty()) return false;
  if (path.starts_with(unread))
    return path.size() == unread.size() || path[unread.size()] == '.' || path[unread.size()] == '[';
  return unread.starts_with(path) && unread[path.size()] == '[';
}

}  // namespace

HubFile HubFile::Parse(std::string name, std::string_view text) {
  HubFile file;
  file.name_ = std::move(name);
  const YamlNode root = ParseYaml(text, &file.problems_);
  if (root.kind == YamlNode::Kind::kNull) {
    if (file.problems_.empty()) file.problems_.push_back({{}, "", "the file is empty"});
    return file;
  }
  HubReader(&file).Read(root);
  const std::vector<Problem> reading = file.problems_;
  const Findings findings = Validate(file.spec_);
  for (const auto& mistake : findings.mistakes) {
    Problem problem = file.Locate(mistake.field, mistake.description);
    // What could not be read is told already; that it is missing in the spec is no second mistake.
    const bool told = std::any_of(reading.begin(), reading.end(),
                                  [&](const Problem& p) { return p.unread && Follows(problem.path, p.path); });
    if (!told) file.problems_.push_back(std::move(problem));
  }
  for (const auto& warning : findings.warnings) {
    file.problems_.push_back(file.Locate(warning.field, warning.description, true));
  }
  std::stable_sort(file.problems_.begin(), file.problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.place < b.place; });
  return file;
}

bool HubFile::ok() const {
  return std::all_of(problems_.begin(), problems_.end(), [](const Problem& problem) { return problem.warning; });
}

Problem HubFile::Locate(std::string_view spec_path, std::string text, bool warning) const {
  std::string missing;
  std::string_view at = spec_path;
  for (;;) {
    if (const auto found = spots_.find(at); found != spots_.end()) {
      const std::string& path = found->second.path;
      if (!missing.empty() && path.empty()) missing.erase(0, 1);
      return {found->second.place, path + missing, std::move(text), warning};
    }
    if (at.empty()) return {{}, missing.empty() ? "" : missing.substr(1), std::move(text), warning};
    const std::size_t cut = at.find_last_of(".[");
    const std::string_view last = cut == std::string_view::npos ? at : at.substr(cut + (at[cut] == '.' ? 1 : 0));
    missing = Cat(last.starts_with('[') ? "" : ".", NameInFile(last), missing);
    at = cut == std::string_view::npos ? std::string_view() : at.substr(0, cut);
  }
}

std::string HubFile::Format(const Problem& problem) const {
  return Cat(name_, ":", problem.place.line, ":", problem.place.column, ": ", problem.warning ? "warning: " : "",
             problem.path, problem.path.empty() ? "" : ": ", problem.text);
}

}  // namespace haven::directory
