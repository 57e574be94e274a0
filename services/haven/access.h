#pragma once

#include <string>
#include <vector>

namespace haven {

// Full names of every service of the contract.
std::vector<std::string> PublicAndInternalServices();
// docs/access.md as it should be.
std::string AccessDocument();

}  // namespace haven
