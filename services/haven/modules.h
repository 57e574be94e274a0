#pragma once

#include <memory>
#include <vector>

#include "services/haven/module.h"

namespace haven {

// Every service this executable holds, in the order they start.
std::vector<std::unique_ptr<ServiceModule>> AllModules();

}  // namespace haven
