#pragma once

#include <string>
#include <string_view>
#include <vector>

// YAML read into a tree that knows where everything stands. For files that people write and strangers may send: no
// anchors, aliases or tags (so nothing grows when read), bounded in size, depth and number of values.
namespace haven::directory {

// Counted from 1; columns in characters.
struct Place {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Problem {
  Place place;
  std::string path;  // "queues.legal.hours"; empty: the file as such
  std::string text;
  bool warning = false;
  // What stands there could not be read: that it is missing afterwards is no second problem.
  bool unread = false;
};

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  Place place;
  std::string text;                // kText
  std::vector<YamlNode> items;     // kList
  std::vector<YamlEntry> entries;  // kMap, in order, each key once
};

struct YamlEntry {
  std::string key;
  Place key_place;
  YamlNode value;
};

namespace yaml_limits {
// Ten times a hub of 1,000 users. A hostile file makes the library hold 200 bytes for each of its own.
inline constexpr std::size_t kBytes = 2u << 20;
// The library looks ahead to the end of a line, in memory.
inline constexpr std::size_t kLineBytes = 64u << 10;
inline constexpr int kDepth = 16;
inline constexpr int kValues = 400'000;
}  // namespace yaml_limits

// The tree of the first document; what is wrong is added to `problems` (after a syntax error the tree is empty, after
// others it lacks what was refused). Never throws.
YamlNode ParseYaml(std::string_view text, std::vector<Problem>* problems);

}  // namespace haven::directory
