#pragma once

#include <memory>

#include "services/haven/module.h"

namespace haven::ivr {

std::unique_ptr<ServiceModule> NewIvrModule();

}  // namespace haven::ivr
