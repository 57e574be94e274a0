#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libs/core/config.h"

namespace haven::core::internal {

// The bound member's value as YAML.
std::string CurrentText(const ConfigField& field);

// Checks `values` (one, or any number for a list) for `field`: what is wrong, or empty with `apply` set to do it.
std::string Assign(const ConfigField& field, const std::vector<std::string>& values, std::function<void()>* apply);

}  // namespace haven::core::internal
