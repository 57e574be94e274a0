#include "libs/core/log.h"
#include "services/haven/module.h"
