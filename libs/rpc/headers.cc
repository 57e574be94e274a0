#include "libs/rpc/channel.h"
#include "libs/rpc/registry.h"
#include "libs/rpc/server.h"
#include "libs/rpc/tokens.h"
