#include "services/directory/domain/field_path.h"

#include "services/directory/domain/strings.h"

namespace haven::directory {

std::string ToJsonPath(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '_' && i + 1 < path.size() && IsLower(path[i + 1])) {
      out += Upper(path.substr(++i, 1));
    } else {
      out += path[i];
    }
  }
  return out;
}

std::string FromJsonPath(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0 && IsUpper(path[i]) && IsLower(path[i - 1])) {
      out += '_';
      out += Lower(path.substr(i, 1));
    } else {
      out += path[i];
    }
  }
  return out;
}

}  // namespace haven::directory
