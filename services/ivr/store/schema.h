#pragma once

#include <vector>

#include "libs/store/migrate.h"

namespace haven::ivr {

// The tables of ivr, beyond store::CommonTables.
std::vector<store::Migration> Migrations();

}  // namespace haven::ivr
