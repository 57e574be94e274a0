#pragma once

#include <string>
#include <string_view>

namespace haven::directory {

// Paths of HubSpec as JSON writes them ("queues[2].displayName") from proto names ("queues[2].display_name"), and back.
// Map keys among the segments (language tags) hold neither "_" nor capitals that follow a small letter in this
// alphabet's use, but for regions after "-", which both leave alone.
std::string ToJsonPath(std::string_view path);
std::string FromJsonPath(std::string_view path);

}  // namespace haven::directory
