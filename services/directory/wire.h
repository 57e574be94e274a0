#pragma once

#include <memory>

#include "services/haven/module.h"

namespace haven::directory {

std::unique_ptr<ServiceModule> NewDirectoryModule();

}  // namespace haven::directory
