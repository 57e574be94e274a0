#pragma once

#include <memory>

#include "services/haven/module.h"

namespace haven::channels {

std::unique_ptr<ServiceModule> NewChannelsModule();

}  // namespace haven::channels
