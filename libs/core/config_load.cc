#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/config.h"
#include "libs/core/config_internal.h"
#include "libs/core/error.h"

namespace haven::core {
namespace {

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// "; did you mean x?" for the nearest known name within reach of a typing mistake.
std::string Suggest(const std::string& name, const std::vector<std::string>& known) {
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : known) {
    const auto distance = EditDistance(name, candidate);
    if (distance < least) {
      least = distance;
      best = &candidate;
    }
  }
  return best == nullptr ? "" : absl::StrCat("; did you mean ", *best, "?");
}

class Loader {
 public:
  Loader(std::vector<std::unique_ptr<ConfigSection>>& sections, const ConfigSources& sources)
      : sections_(sections), sources_(sources) {}

  absl::Status Run() {
    ReadFile();
    ReadEnvironment();
    ReadFlags();
    if (!mistakes_.empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_INVALID_FIELD,
                       absl::StrCat("configuration:\n  ", absl::StrJoin(mistakes_, "\n  ")));
    }
    for (auto& [field, change] : changes_) {
      change.apply();
      field->origin = change.origin;
    }
    return absl::OkStatus();
  }

 private:
  struct Change {
    std::function<void()> apply;
    std::string origin;
  };

  void Mistake(const std::string& place, const std::string& what) {
    mistakes_.push_back(absl::StrCat(place, ": ", what));
  }

  ConfigSection* FindSection(const std::string& name) {
    for (auto& section : sections_) {
      if (section->name() == name) return section.get();
    }
    return nullptr;
  }

  static ConfigField* FindField(ConfigSection& section, const std::string& name) {
    for (auto& field : section.fields()) {
      if (field.name == name) return &field;
    }
    return nullptr;
  }

  std::vector<std::string> SectionNames() const {
    std::vector<std::string> names;
    for (const auto& section : sections_) names.push_back(section->name());
    return names;
  }

  static std::vector<std::string> FieldNames(const ConfigSection& section) {
    std::vector<std::string> names;
    for (const auto& field : section.fields()) names.push_back(field.name);
    return names;
  }

  void Put(const std::string& place, const std::string& shown, ConfigField& field,
           const std::vector<std::string>& values) {
    Change change;
    change.origin = place;
    const std::string wrong = internal::Assign(field, values, &change.apply);
    if (!wrong.empty()) return Mistake(place, absl::StrCat(shown, " ", wrong));
    changes_[&field] = std::move(change);
  }

  // One text from the environment or a flag; lists are separated by commas.
  void PutText(const std::string& place, const std::string& shown, ConfigField& field, const std::string& text) {
    if (field.type != ConfigField::Type::kList) return Put(place, shown, field, {text});
    std::vector<std::string> values;
    for (const auto piece : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
      values.emplace_back(absl::StripAsciiWhitespace(piece));
    }
    Put(place, shown, field, values);
  }

  std::string Place(const YAML::Mark& mark) const { return absl::StrCat(sources_.file_name, ":", mark.line + 1); }

  void ReadFile() {
    if (sources_.file_text.empty()) return;
    try {
      const YAML::Node root = YAML::Load(sources_.file_text);
      if (root.IsNull()) return;
      if (!root.IsMap()) return Mistake(Place(root.Mark()), "must be a mapping of sections");
      std::set<std::string> seen;
      for (const auto& entry : root) ReadSection(entry.first, entry.second, seen);
    } catch (const YAML::Exception& e) {
      Mistake(Place(e.mark), absl::StrCat("not YAML: ", e.msg));
    }
  }

  void ReadSection(const YAML::Node& key, const YAML::Node& body, std::set<std::string>& seen) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    const std::string place = Place(key.Mark());
    ConfigSection* section = FindSection(name);
    if (section == nullptr) {
      return Mistake(place, absl::StrCat("section ", name, " is unknown", Suggest(name, SectionNames())));
    }
    if (!seen.insert(name).second) return Mistake(place, absl::StrCat("section ", name, " stands twice"));
    if (body.IsNull()) return;
    if (!body.IsMap()) return Mistake(place, absl::StrCat("section ", name, " must be a mapping"));
    std::set<std::string> fields;
    for (const auto& entry : body) ReadField(*section, entry.first, entry.second, fields);
  }

  void ReadField(ConfigSection& section, const YAML::Node& key, const YAML::Node& body, std::set<std::string>& seen) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    const std::string shown = absl::StrCat(section.name(), ".", name);
    const std::string place = Place(key.Mark());
    ConfigField* field = FindField(section, name);
    if (field == nullptr) {
      return Mistake(place, absl::StrCat(shown, " is unknown", Suggest(name, FieldNames(section))));
    }
    if (!seen.insert(name).second) return Mistake(place, absl::StrCat(shown, " stands twice"));
    if (field->type == ConfigField::Type::kList) {
      std::vector<std::string> values;
      if (!body.IsSequence()) return Mistake(place, absl::StrCat(shown, " must be a list"));
      for (const auto& item : body) {
        if (!item.IsScalar()) return Mistake(Place(item.Mark()), absl::StrCat(shown, " must be a list of texts"));
        values.push_back(item.Scalar());
      }
      return Put(place, shown, *field, values);
    }
    if (!body.IsScalar()) return Mistake(place, absl::StrCat(shown, " must be a single value"));
    Put(place, shown, *field, {body.Scalar()});
  }

  void ReadEnvironment() {
    for (const auto& [variable, value] : sources_.environment) {
      for (auto& section : sections_) {
        const std::string prefix = absl::StrCat("HAVEN_", absl::AsciiStrToUpper(section->name()), "_");
        if (variable.compare(0, prefix.size(), prefix) != 0) continue;
        const std::string name = absl::AsciiStrToLower(variable.substr(prefix.size()));
        ConfigField* field = FindField(*section, name);
        if (field == nullptr) {
          Mistake(variable, absl::StrCat("no such setting", Suggest(name, FieldNames(*section))));
        } else {
          PutText(variable, "value", *field, value);
        }
      }
    }
  }

  void ReadFlags() {
    for (const auto& flag : sources_.flags) {
      const auto equals = flag.find('=');
      const std::string name = flag.substr(0, equals);
      const auto dot = name.find('.');
      if (name.compare(0, 2, "--") != 0 || dot == std::string::npos) {
        Mistake(name, "not a setting; write --section.name=value");
        continue;
      }
      const std::string section_name = absl::StrReplaceAll(name.substr(2, dot - 2), {{"-", "_"}});
      const std::string field_name = absl::StrReplaceAll(name.substr(dot + 1), {{"-", "_"}});
      ConfigSection* section = FindSection(section_name);
      if (section == nullptr) {
        Mistake(name, absl::StrCat("no such section", Suggest(section_name, SectionNames())));
        continue;
      }
      ConfigField* field = FindField(*section, field_name);
      if (field == nullptr) {
        Mistake(name, absl::StrCat("no such setting", Suggest(field_name, FieldNames(*section))));
        continue;
      }
      if (equals == std::string::npos && field->type != ConfigField::Type::kBool) {
        Mistake(name, "needs a value: =...");
        continue;
      }
      PutText(name, "value", *field, equals == std::string::npos ? "true" : flag.substr(equals + 1));
    }
  }

  std::vector<std::unique_ptr<ConfigSection>>& sections_;
  const ConfigSources& sources_;
  std::vector<std::string> mistakes_;
  std::map<ConfigField*, Change> changes_;
};

}  // namespace

absl::Status Config::Load(const ConfigSources& sources) {
  return Loader(sections_, sources).Run();
}

}  // namespace haven::core
