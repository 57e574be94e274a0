#pragma once

#include <string>

namespace haven::testing {

// Compares `actual` with the file at `path` (from the root of the repository): empty when equal, else the first line
// that differs and how to accept it. With HAVEN_UPDATE_GOLDENS=1 in the environment the file is written instead.
//   CHECK(testing::CompareGolden("docs/access.md", table) == "");
std::string CompareGolden(const std::string& path, const std::string& actual);

}  // namespace haven::testing
