#pragma once

#include <memory>

#include "services/haven/module.h"

namespace haven::routing {

std::unique_ptr<ServiceModule> NewRoutingModule();

}  // namespace haven::routing
