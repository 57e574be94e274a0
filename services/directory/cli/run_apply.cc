// haven apply: what the command line says, turned into ApplyHubFile.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "services/directory/cli/apply.h"
#include "services/directory/cli/commands.h"
#include "services/directory/cli/connection.h"
#include "services/directory/cli/yaml_tree.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {
namespace {

constexpr const char* kUsage =
    "usage: haven apply -f hub.yaml [--dry-run] [--reset-passwords] [--secrets=FOLDER]\n"
    "                   [--config=FILE | --address=HOST:PORT|unix:/path --key-file=FILE [--authority=CA.pem]]\n"
    "  Makes the hub be as the file says, or changes nothing. docs/hub-yaml.md describes the file.\n"
    "  --dry-run          only show the difference\n"
    "  --reset-passwords  set the password of users that have one, too\n"
    "  --secrets=FOLDER   where password files are; default: \"secrets\" beside the configuration, or beside hub.yaml\n"
    "  --config=FILE      the configuration of the hub on this machine, reached through its socket\n"
    "  --key-file=FILE    an API key with scope directory.write, for a hub elsewhere; or the variable HAVEN_KEY\n"
    "  Ends with 0 when done, 1 when refused or failed (nothing is changed then), 2 when called wrongly.\n";

int Usage(const std::string& message) {
  std::cerr << "haven apply: " << message << "\n" << kUsage;
  return 2;
}

bool ReadFile(const std::string& path, std::string* text) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  // One byte more than allowed, so that a file that is too large is still told as such.
  text->resize(yaml_limits::kBytes + 1);
  file.read(text->data(), static_cast<std::streamsize>(text->size()));
  text->resize(static_cast<std::size_t>(file.gcount()));
  return !file.bad() && !std::filesystem::is_directory(path);
}

bool Colour() {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return ::isatty(STDOUT_FILENO) != 0 && !dumb && std::getenv("NO_COLOR") == nullptr;
}

// "-f FILE" or "-f=FILE".
std::string TakeFile(std::vector<std::string>* args) {
  std::string file = TakeFlag(args, "file");
  for (auto it = args->begin(); it != args->end() && file.empty(); ++it) {
    if (*it == "-f" && it + 1 != args->end()) {
      file = *(it + 1);
      args->erase(it, it + 2);
      return file;
    }
    if (it->starts_with("-f=")) {
      file = it->substr(3);
      args->erase(it);
      return file;
    }
  }
  return file;
}

std::string FolderOf(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

int RunApply(const std::vector<std::string>& args) {
  std::vector<std::string> left = args;
  if (TakeSwitch(&left, "help")) {
    std::cout << kUsage;
    return 0;
  }
  ApplyOptions options;
  options.dry_run = TakeSwitch(&left, "dry-run");
  options.reset_passwords = TakeSwitch(&left, "reset-passwords");
  options.secrets_folder = TakeFlag(&left, "secrets");
  options.file_name = TakeFile(&left);
  options.colour = Colour();
  if (options.file_name.empty()) return Usage("which file? -f hub.yaml");
  if (!ReadFile(options.file_name, &options.text)) return Usage(Cat("cannot read ", options.file_name));
  if (options.secrets_folder.empty()) {
    std::vector<std::string> look = left;
    const std::string config = TakeFlag(&look, "config");
    options.secrets_folder = FolderOf(config.empty() ? options.file_name : config) + "/secrets";
  }
  std::vector<std::string> rest;
  auto connection = Connection::Open(std::move(left), &rest);
  if (!connection.ok()) return Fail("apply", connection.status());
  if (!rest.empty()) return Usage(Cat("unknown argument ", rest.front()));
  const ApplyCall call = [&](const v1::ApplyHubRequest& request) {
    return (*connection)->Call<v1::ApplyHubResponse>("haven.directory.v1.DirectoryService/ApplyHub", request);
  };
  return ApplyHubFile(options, call, std::cout, std::cerr);
}

}  // namespace haven::directory
