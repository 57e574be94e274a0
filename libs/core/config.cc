#include "libs/core/config.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/core/config_internal.h"

namespace haven::core {
namespace {

std::string UnitOf(const std::string& name, ConfigField::Type type) {
  if (type == ConfigField::Type::kSeconds) return "seconds";
  if (type == ConfigField::Type::kMilliseconds) return "milliseconds";
  for (const char* unit : {"bytes", "percent", "seconds", "minutes", "days", "kib", "mib"}) {
    const std::string suffix = absl::StrCat("_", unit);
    if (name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0)
      return unit;
  }
  return "";
}

std::string QuoteYaml(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

bool InRange(double value, ConfigRange range) {
  return value >= range.min && value <= range.max;
}

std::string RangeText(ConfigRange range) {
  return absl::StrCat(range.min, " to ", range.max);
}

}  // namespace

namespace internal {

std::string CurrentText(const ConfigField& field) {
  switch (field.type) {
    case ConfigField::Type::kInt:
      return field.wide ? absl::StrCat(*static_cast<std::int64_t*>(field.target))
                        : absl::StrCat(*static_cast<int*>(field.target));
    case ConfigField::Type::kDouble:
      return absl::StrCat(*static_cast<double*>(field.target));
    case ConfigField::Type::kBool:
      return *static_cast<bool*>(field.target) ? "true" : "false";
    case ConfigField::Type::kText:
      return QuoteYaml(*static_cast<std::string*>(field.target));
    case ConfigField::Type::kList: {
      const auto& list = *static_cast<std::vector<std::string>*>(field.target);
      return absl::StrCat(
          "[", absl::StrJoin(list, ", ", [](std::string* out, const std::string& v) { out->append(QuoteYaml(v)); }),
          "]");
    }
    case ConfigField::Type::kSeconds:
      return absl::StrCat(static_cast<std::chrono::seconds*>(field.target)->count());
    case ConfigField::Type::kMilliseconds:
      return absl::StrCat(static_cast<std::chrono::milliseconds*>(field.target)->count());
  }
  return "";
}

std::string Assign(const ConfigField& field, const std::vector<std::string>& values, std::function<void()>* apply) {
  const std::string& text = values.empty() ? std::string() : values[0];
  if (field.type == ConfigField::Type::kList) {
    *apply = [target = static_cast<std::vector<std::string>*>(field.target), values] { *target = values; };
    return "";
  }
  if (field.type == ConfigField::Type::kText) {
    if (!field.choices.empty() && std::find(field.choices.begin(), field.choices.end(), text) == field.choices.end()) {
      return absl::StrCat("must be one of ", absl::StrJoin(field.choices, ", "));
    }
    *apply = [target = static_cast<std::string*>(field.target), text] { *target = text; };
    return "";
  }
  if (field.type == ConfigField::Type::kBool) {
    if (text != "true" && text != "false") return "must be true or false";
    *apply = [target = static_cast<bool*>(field.target), on = text == "true"] { *target = on; };
    return "";
  }
  if (field.type == ConfigField::Type::kDouble) {
    double value = 0;
    if (!absl::SimpleAtod(text, &value) || !std::isfinite(value)) return "must be a number";
    if (!InRange(value, field.range)) return absl::StrCat("must be from ", RangeText(field.range));
    *apply = [target = static_cast<double*>(field.target), value] { *target = value; };
    return "";
  }
  std::int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return "must be a whole number";
  if (!InRange(static_cast<double>(value), field.range)) return absl::StrCat("must be from ", RangeText(field.range));
  if (field.type == ConfigField::Type::kSeconds) {
    *apply = [t = static_cast<std::chrono::seconds*>(field.target), value] { *t = std::chrono::seconds(value); };
  } else if (field.type == ConfigField::Type::kMilliseconds) {
    *apply = [t = static_cast<std::chrono::milliseconds*>(field.target), value] {
      *t = std::chrono::milliseconds(value);
    };
  } else if (field.wide) {
    *apply = [t = static_cast<std::int64_t*>(field.target), value] { *t = value; };
  } else {
    *apply = [t = static_cast<int*>(field.target), value] { *t = static_cast<int>(value); };
  }
  return "";
}

}  // namespace internal

void ConfigSection::Add(std::string name, void* target, ConfigField::Type type, ConfigRange range, std::string help) {
  ConfigField field;
  field.unit = UnitOf(name, type);
  field.name = std::move(name);
  field.help = std::move(help);
  field.type = type;
  field.range = range;
  field.target = target;
  fields_.push_back(std::move(field));
}

void ConfigSection::Int(std::string name, std::int64_t* target, ConfigRange range, std::string help) {
  Add(std::move(name), target, ConfigField::Type::kInt, range, std::move(help));
  fields_.back().wide = true;
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

void ConfigSection::Int(std::string name, int* target, ConfigRange range, std::string help) {
  Add(std::move(name), target, ConfigField::Type::kInt, range, std::move(help));
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

void ConfigSection::Double(std::string name, double* target, ConfigRange range, std::string help) {
  Add(std::move(name), target, ConfigField::Type::kDouble, range, std::move(help));
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

void ConfigSection::Bool(std::string name, bool* target, std::string help) {
  Add(std::move(name), target, ConfigField::Type::kBool, {}, std::move(help));
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

void ConfigSection::Text(std::string name, std::string* target, std::string help) {
  Add(std::move(name), target, ConfigField::Type::kText, {}, std::move(help));
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

void ConfigSection::Choice(std::string name, std::string* target, std::vector<std::string> choices, std::string help) {
  Text(std::move(name), target, std::move(help));
  fields_.back().choices = std::move(choices);
}

void ConfigSection::Secret(std::string name, std::string* target, std::string help) {
  Text(std::move(name), target, std::move(help));
  fields_.back().secret = true;
}

void ConfigSection::List(std::string name, std::vector<std::string>* target, std::string help) {
  Add(std::move(name), target, ConfigField::Type::kList, {}, std::move(help));
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

void ConfigSection::Seconds(std::string name, std::chrono::seconds* target, ConfigRange range, std::string help) {
  Add(std::move(name), target, ConfigField::Type::kSeconds, range, std::move(help));
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

void ConfigSection::Milliseconds(std::string name, std::chrono::milliseconds* target, ConfigRange range,
                                 std::string help) {
  Add(std::move(name), target, ConfigField::Type::kMilliseconds, range, std::move(help));
  fields_.back().default_text = internal::CurrentText(fields_.back());
}

ConfigSection& Config::Section(std::string name, std::string help) {
  sections_.push_back(std::make_unique<ConfigSection>(std::move(name), std::move(help)));
  return *sections_.back();
}

std::string Config::Effective() const {
  std::string out;
  for (const auto& section : sections_) {
    if (section->fields().empty()) continue;
    absl::StrAppend(&out, section->name(), ":\n");
    for (const auto& field : section->fields()) {
      const std::string current = internal::CurrentText(field);
      const std::string shown = field.secret && current != "\"\"" ? "\"***\"" : current;
      absl::StrAppend(&out, "  ", field.name, ": ", shown, "  # ", field.origin, "\n");
    }
  }
  return out;
}

std::string Config::Sample() const {
  std::string out =
      "# Settings of a Haven hub. Each value shown is the default; uncomment to change it.\n"
      "# The environment (HAVEN_<SECTION>_<NAME>) overrides this file, flags (--<section>.<name>=) override both.\n";
  for (const auto& section : sections_) {
    if (section->fields().empty()) continue;
    absl::StrAppend(&out, "\n# ", section->help(), "\n", section->name(), ":\n");
    for (const auto& field : section->fields()) {
      absl::StrAppend(&out, "  # ", field.help);
      if (!field.unit.empty()) absl::StrAppend(&out, " In ", field.unit, ".");
      const bool number = field.range.min != 0 || field.range.max != 0;
      if (number) absl::StrAppend(&out, " From ", RangeText(field.range), ".");
      if (!field.choices.empty()) absl::StrAppend(&out, " One of ", absl::StrJoin(field.choices, ", "), ".");
      if (field.secret) absl::StrAppend(&out, " Secret: prefer the environment.");
      absl::StrAppend(&out, "\n  # ", field.name, ": ", field.default_text, "\n");
    }
  }
  return out;
}

}  // namespace haven::core
