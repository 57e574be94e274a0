// haven serve: runs a hub's services until SIGTERM.
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/async/block_on.h"
#include "libs/async/loop.h"
#include "libs/core/log.h"
#include "services/haven/command.h"
#include "services/haven/modules.h"
#include "services/haven/process.h"

namespace haven {
namespace {

constexpr std::chrono::seconds kDrain{20};

// The modules to run: all, or those of --only.
absl::StatusOr<std::vector<ServiceModule*>> Chosen(const std::vector<std::unique_ptr<ServiceModule>>& all,
                                                   const std::string& only) {
  std::vector<ServiceModule*> out;
  std::vector<std::string> wanted = absl::StrSplit(only, ',', absl::SkipEmpty());
  for (const auto& module : all) {
    const auto at = std::find(wanted.begin(), wanted.end(), module->name());
    if (!only.empty() && at == wanted.end()) continue;
    if (at != wanted.end()) wanted.erase(at);
    out.push_back(module.get());
  }
  if (!wanted.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--only: no service is called ", absl::StrJoin(wanted, ", "), "; they are ",
                     absl::StrJoin(all, ", ", [](std::string* text, const auto& m) { text->append(m->name()); })));
  }
  return out;
}

}  // namespace

int RunServe(const std::vector<std::string>& args) {
  std::vector<std::string> rest = args;
  const std::string only = TakeFlag(&rest, "only");
  // Blocked before any thread is made, so that only sigwait sees them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  const auto all = AllModules();
  LoadedConfig loaded;
  core::Config config;
  loaded.settings.Bind(config);
  for (const auto& module : all)
    module->Configure(config.Section(std::string(module->name()), std::string(module->summary())));
  if (auto status = LoadConfigInto(rest, &config, &loaded.rest); !status.ok()) return Fail("serve", status);
  if (!loaded.rest.empty())
    return Fail("serve", absl::InvalidArgumentError(absl::StrCat("unknown argument ", loaded.rest.front())));
  if (auto status = loaded.settings.Check(); !status.ok()) return Fail("serve", status);
  auto modules = Chosen(all, only);
  if (!modules.ok()) return Fail("serve", modules.status());
  core::LogLevel level = core::LogLevel::kInfo;
  core::ParseLogLevel(loaded.settings.log_level, &level);
  core::SetLogLevel(level);

  async::Loop loop;
  auto process = std::make_unique<Process>(loop, loaded.settings, *modules);
  loop.Start();
  const auto started = async::BlockOn(loop, process->Start());
  if (started.ok()) {
    int signal = 0;
    sigwait(&ends, &signal);
  }
  async::BlockOn(loop, process->Stop(core::Deadline::After(kDrain)));
  loop.Stop();
  process.reset();
  return started.ok() ? 0 : Fail("serve", started);
}

}  // namespace haven
