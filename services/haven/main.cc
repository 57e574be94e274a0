#include <signal.h>

#include <cstring>
#include <iostream>

#include "libs/rpc/library_logs.h"
#include "services/directory/cli/commands.h"
#include "services/haven/command.h"

namespace {

constexpr haven::Command kCommands[] = {
    {"serve", "run a hub's services until SIGTERM: [--only=routing,channels] [--config=FILE]", haven::RunServe},
    {"migrate", "bring the database's schemas to this release", haven::RunMigrate},
    {"config", "print the settings in force, or with --sample the commented sample", haven::RunConfig},
    {"apply", "make the hub be as hub.yaml says: -f hub.yaml [--dry-run]", haven::directory::RunApply},
    {"admin", "set a password, make an API key, verify the audit", haven::directory::RunAdmin},
    {"health", "ask the running hub whether it is ready", haven::RunHealth},
    {"call", "call a method, JSON in and out", haven::RunCall},
    {"access", "print who may call what", haven::RunAccess},
    {"version", "print the version", haven::RunVersion},
};

int Usage(std::ostream& out) {
  out << "usage: haven COMMAND [ARGUMENTS]\n\n";
  for (const auto& command : kCommands)
    out << "  " << command.name << std::string(10 - std::strlen(command.name), ' ') << command.summary << "\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  // A peer that closes must be an error of one call, never the end of the hub.
  signal(SIGPIPE, SIG_IGN);
  haven::rpc::TakeLibraryLogs();
  if (argc < 2) return Usage(std::cerr);
  const std::string name = argv[1];
  if (name == "help" || name == "--help" || name == "-h") {
    Usage(std::cout);
    return 0;
  }
  for (const auto& command : kCommands) {
    if (name == command.name) return command.run({argv + 2, argv + argc});
  }
  std::cerr << "haven: no command is called " << name << "\n\n";
  return Usage(std::cerr);
}
