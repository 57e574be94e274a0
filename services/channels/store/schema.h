#pragma once

#include <vector>

#include "libs/store/migrate.h"

namespace haven::channels {

// The tables of channels, beyond store::CommonTables.
std::vector<store::Migration> Migrations();

}  // namespace haven::channels
