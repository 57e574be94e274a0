#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libs/rpc/access.h"
#include "libs/rpc/registry.h"

namespace haven::rpc {

struct Method {
  std::string name;
  const Message* request = nullptr;  // prototypes
  const Message* response = nullptr;
  const Access* access = nullptr;
  Registry::ErasedUnary unary;  // one of the two
  Registry::ErasedStream stream;
};

class RegistryAccess {
 public:
  // By "package.Service/Method"; null for an unknown one. The registry is fixed once a server has started, so any
  // thread may ask then.
  static const Method* Find(const Registry& registry, const std::string& name);
};

}  // namespace haven::rpc
