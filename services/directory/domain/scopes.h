#pragma once

#include <string_view>
#include <vector>

namespace haven::directory {

// What an API key may be given, sorted. A test holds it equal to the scopes that the methods of proto/ ask for.
const std::vector<std::string_view>& KnownScopes();

}  // namespace haven::directory
