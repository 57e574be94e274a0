#pragma once

#include <memory>

#include "services/haven/module.h"

namespace haven::desk {

std::unique_ptr<ServiceModule> NewDeskModule();

}  // namespace haven::desk
