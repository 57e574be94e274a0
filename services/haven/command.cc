#include "services/haven/command.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/haven/modules.h"

extern char** environ;

namespace haven {

std::string TakeFlag(std::vector<std::string>* args, const std::string& name) {
  const std::string flag = absl::StrCat("--", name);
  for (auto it = args->begin(); it != args->end(); ++it) {
    std::string value;
    if (absl::StartsWith(*it, absl::StrCat(flag, "="))) {
      value = it->substr(flag.size() + 1);
      args->erase(it);
      return value;
    }
    if (*it == flag && it + 1 != args->end()) {
      value = *(it + 1);
      args->erase(it, it + 2);
      return value;
    }
  }
  return {};
}

bool TakeSwitch(std::vector<std::string>* args, const std::string& name) {
  for (auto it = args->begin(); it != args->end(); ++it) {
    if (*it != absl::StrCat("--", name)) continue;
    args->erase(it);
    return true;
  }
  return false;
}

absl::Status LoadConfig(const std::vector<std::string>& args, LoadedConfig* out) {
  out->settings.Bind(out->config);
  // Commands that only read the file need the sections' names and targets to be there, not their owners.
  static const auto* modules = new std::vector<std::unique_ptr<ServiceModule>>(AllModules());
  for (const auto& module : *modules) {
    module->Configure(out->config.Section(std::string(module->name()), std::string(module->summary())));
  }
  return LoadConfigInto(args, &out->config, &out->rest);
}

absl::Status LoadConfigInto(const std::vector<std::string>& args, core::Config* config,
                            std::vector<std::string>* rest) {
  std::vector<std::string> left = args;
  core::ConfigSources sources;
  sources.file_name = TakeFlag(&left, "config");
  if (!sources.file_name.empty()) {
    std::ifstream in(sources.file_name);
    if (!in) return absl::InvalidArgumentError(absl::StrCat("cannot read ", sources.file_name));
    std::ostringstream text;
    text << in.rdbuf();
    sources.file_text = text.str();
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string entry = *variable;
    if (absl::StartsWith(entry, "HAVEN_"))
      sources.environment.emplace(entry.substr(0, entry.find('=')), entry.substr(entry.find('=') + 1));
  }
  rest->clear();
  for (auto& argument : left) {
    const auto dot = argument.find('.');
    const bool setting = absl::StartsWith(argument, "--") && dot != std::string::npos && dot < argument.find('=');
    (setting ? sources.flags : *rest).push_back(argument);
  }
  return config->Load(sources);
}

int Fail(const char* command, const absl::Status& status) {
  std::cerr << "haven " << command << ": " << status.message() << "\n";
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace haven
