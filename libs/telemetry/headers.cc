#include "libs/telemetry/admin_server.h"
#include "libs/telemetry/health.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/trace.h"
