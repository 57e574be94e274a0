#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace haven::core {

// Bounds of a number, inclusive, in the field's own unit.
struct ConfigRange {
  double min;
  double max;
};

// One setting: where its value lives, and what the manual says of it. Made by ConfigSection.
struct ConfigField {
  enum class Type { kInt, kDouble, kBool, kText, kList, kSeconds, kMilliseconds };

  std::string name;  // lower_snake, with its unit: "wrap_up_seconds"
  std::string help;  // one or two sentences
  std::string unit;
  Type type = Type::kText;
  ConfigRange range{0, 0};
  std::vector<std::string> choices;
  bool secret = false;
  bool wide = false;  // kInt: the target is an int64
  void* target = nullptr;
  std::string default_text;
  // Where the value in force comes from: "default", "haven.yaml:12", "HAVEN_ROUTING_WRAP_UP_SECONDS",
  // "--routing.wrap-up-seconds".
  std::string origin = "default";
};

// The settings of one service. A service keeps a struct with defaults and binds each member once:
//   struct RoutingConfig {
//     std::chrono::seconds wrap_up{30};
//     void Bind(core::ConfigSection& s) {
//       s.Seconds("wrap_up_seconds", &wrap_up, {0, 3600}, "After-contact time before an agent is offered more.");
//     }
//   };
// The struct outlives the section. Names end in their unit (_seconds, _ms, _bytes, _percent) where they have one.
class ConfigSection {
 public:
  ConfigSection(std::string name, std::string help) : name_(std::move(name)), help_(std::move(help)) {}

  void Int(std::string name, std::int64_t* target, ConfigRange range, std::string help);
  void Int(std::string name, int* target, ConfigRange range, std::string help);
  void Double(std::string name, double* target, ConfigRange range, std::string help);
  void Bool(std::string name, bool* target, std::string help);
  void Text(std::string name, std::string* target, std::string help);
  void Choice(std::string name, std::string* target, std::vector<std::string> choices, std::string help);
  // Printed as "***" by `haven config`.
  void Secret(std::string name, std::string* target, std::string help);
  // In YAML a list; in the environment and flags separated by commas.
  void List(std::string name, std::vector<std::string>* target, std::string help);
  void Seconds(std::string name, std::chrono::seconds* target, ConfigRange range, std::string help);
  void Milliseconds(std::string name, std::chrono::milliseconds* target, ConfigRange range, std::string help);

  const std::string& name() const { return name_; }
  const std::string& help() const { return help_; }
  std::vector<ConfigField>& fields() { return fields_; }
  const std::vector<ConfigField>& fields() const { return fields_; }

 private:
  void Add(std::string name, void* target, ConfigField::Type type, ConfigRange range, std::string help);

  std::string name_;
  std::string help_;
  std::vector<ConfigField> fields_;
};

// Where values come from: file < environment < flag.
struct ConfigSources {
  std::string file_name;                           // for messages; empty: no file
  std::string file_text;                           // YAML: one mapping per section
  std::map<std::string, std::string> environment;  // only HAVEN_* is looked at
  std::vector<std::string> flags;                  // "--routing.wrap-up-seconds=20"
};

// All sections of a process.
class Config {
 public:
  // The section is owned here; its address is stable.
  ConfigSection& Section(std::string name, std::string help);

  // Fills the bound members. INVALID_ARGUMENT names every mistake at once, one a line, with its place and the nearest
  // known key: "haven.yaml:12: routing.wrapup_seconds is unknown; did you mean wrap_up_seconds?". Nothing is filled
  // then. HAVEN_<WORD> variables of no section (HAVEN_BENCH_DATA, HAVEN_UPDATE_GOLDENS) are not looked at.
  absl::Status Load(const ConfigSources& sources);

  // Effective values with their origin, secrets masked; valid YAML.
  std::string Effective() const;
  // The commented sample: every setting with help, range, unit and default.
  std::string Sample() const;

 private:
  std::vector<std::unique_ptr<ConfigSection>> sections_;
};

}  // namespace haven::core
