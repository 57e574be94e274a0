#include "libs/redis/redis.h"
#include "libs/redis/stream_reader.h"
