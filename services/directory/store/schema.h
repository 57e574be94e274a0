#pragma once

#include <vector>

#include "libs/store/migrate.h"

namespace haven::directory {

// Beyond store::CommonTables.
std::vector<store::Migration> Migrations();

}  // namespace haven::directory
