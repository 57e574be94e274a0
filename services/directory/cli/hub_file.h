#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "haven/directory/v1/hub.pb.h"
#include "services/directory/cli/yaml_tree.h"

namespace haven::directory {

// hub.yaml as read: docs/hub-yaml.md describes its shape.
class HubFile {
 public:
  // `name` is how the file is called in messages. Everything that is wrong with it is in problems(): syntax, unknown
  // keys, wrong types, and what the rules of a hub (Validate) have to say about what could be read.
  static HubFile Parse(std::string name, std::string_view text);

  const std::string& name() const { return name_; }
  // As far as it could be read. Holds no password: one that is written out is refused and not kept.
  const v1::HubSpec& spec() const { return spec_; }
  // In the order of the file.
  const std::vector<Problem>& problems() const { return problems_; }
  // No problem but warnings.
  bool ok() const;

  // Where something of the spec stands in the file, by its path in HubSpec ("queues[2].hours"): the nearest thing
  // around it if it is not in the file itself.
  Problem Locate(std::string_view spec_path, std::string text, bool warning = false) const;
  // "hub.yaml:41:7: queues.legal.hours: unknown hours ...".
  std::string Format(const Problem& problem) const;

 private:
  friend class HubReader;
  struct Spot {
    Place place;
    std::string path;
  };
  std::string name_;
  v1::HubSpec spec_;
  std::vector<Problem> problems_;
  std::map<std::string, Spot, std::less<>> spots_;  // by path in HubSpec
};

}  // namespace haven::directory
