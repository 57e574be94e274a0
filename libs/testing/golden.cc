#include "libs/testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace haven::testing {

std::string CompareGolden(const std::string& path, const std::string& actual) {
  const std::string file_name = std::string(HAVEN_SOURCE_DIR) + "/" + path;
  const char* update = std::getenv("HAVEN_UPDATE_GOLDENS");
  if (update != nullptr && std::string_view(update) == "1") {
    std::ofstream out(file_name, std::ios::binary | std::ios::trunc);
    out << actual;
    out.close();
    return out ? "" : path + " cannot be written";
  }
  std::ifstream in(file_name, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in && expected == actual) return "";
  std::istringstream want(expected);
  std::istringstream have(actual);
  std::string want_line;
  std::string have_line;
  int line = 0;
  do {
    ++line;
    want_line.clear();
    have_line.clear();
    std::getline(want, want_line);
    std::getline(have, have_line);
  } while (want_line == have_line && want && have);
  return path + ":" + std::to_string(line) + "\n  is       " + want_line + "\n  would be " + have_line +
         "\nrun the test with HAVEN_UPDATE_GOLDENS=1 and look at the difference";
}

}  // namespace haven::testing
