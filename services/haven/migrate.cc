// haven migrate: brings the schemas to this release. Run before serve, by whoever starts the hub.
#include "libs/store/migrate.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "services/haven/command.h"
#include "services/haven/modules.h"

namespace haven {

int RunMigrate(const std::vector<std::string>& args) {
  LoadedConfig loaded;
  if (auto status = LoadConfig(args, &loaded); !status.ok()) return Fail("migrate", status);
  if (!loaded.rest.empty())
    return Fail("migrate", absl::InvalidArgumentError(absl::StrCat("unknown argument ", loaded.rest.front())));
  if (auto status = loaded.settings.Check(); !status.ok()) return Fail("migrate", status);
  std::vector<store::Migration> migrations;
  int schemas = 0;
  for (const auto& module : AllModules()) {
    auto own = module->migrations();
    if (own.empty()) continue;
    ++schemas;
    for (auto& common : store::CommonTables(module->name())) migrations.push_back(std::move(common));
    for (auto& migration : own) migrations.push_back(std::move(migration));
  }
  if (auto status = store::CheckServer(loaded.settings.postgres_dsn, schemas * loaded.settings.postgres_connections);
      !status.ok())
    return Fail("migrate", status);
  if (auto status = store::Migrate(loaded.settings.postgres_dsn, std::move(migrations)); !status.ok())
    return Fail("migrate", status);
  std::cout << "migrated " << schemas << " schemas\n";
  return 0;
}

}  // namespace haven
