#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/core/config.h"
#include "services/haven/settings.h"

namespace haven {

// A subcommand of the executable. Returns its exit status: 0 done, 1 refused or failed, 2 wrong usage.
struct Command {
  const char* name;
  const char* summary;
  int (*run)(const std::vector<std::string>& args);
};

// Configuration of all services and the process as every command that needs it reads it: --config=FILE, then HAVEN_*
// variables, then
// --section.setting=value flags. What is none of these stays in `rest`.
struct LoadedConfig {
  core::Config config;
  ProcessSettings settings;
  std::vector<std::string> rest;
};
absl::Status LoadConfig(const std::vector<std::string>& args, LoadedConfig* out);
// The same into sections that are bound already.
absl::Status LoadConfigInto(const std::vector<std::string>& args, core::Config* config, std::vector<std::string>* rest);

// The value of "--name=value" or "--name value" in `args`, removed from it; empty if absent.
std::string TakeFlag(std::vector<std::string>* args, const std::string& name);
bool TakeSwitch(std::vector<std::string>* args, const std::string& name);

// Prints "haven COMMAND: message" and gives 1 (2 for INVALID_ARGUMENT).
int Fail(const char* command, const absl::Status& status);

int RunServe(const std::vector<std::string>& args);
int RunMigrate(const std::vector<std::string>& args);
int RunConfig(const std::vector<std::string>& args);
int RunVersion(const std::vector<std::string>& args);
int RunHealth(const std::vector<std::string>& args);
int RunCall(const std::vector<std::string>& args);
int RunAccess(const std::vector<std::string>& args);

}  // namespace haven
