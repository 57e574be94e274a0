#pragma once

#include <string>
#include <vector>

namespace haven::directory {

// haven apply -f hub.yaml: docs/hub-yaml.md.
int RunApply(const std::vector<std::string>& args);

// haven admin set-password|create-api-key|verify-audit: for whoever may read the hub's keys, or holds an
// administrator's API key.
int RunAdmin(const std::vector<std::string>& args);

}  // namespace haven::directory
