#include "libs/rpc/registry.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/rpc/registry_internal.h"

namespace haven::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;

// "package.Service/Method" as descriptors write it.
const MethodDescriptor* FindDescriptor(const std::string& method) {
  std::string dotted = method;
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  return DescriptorPool::generated_pool()->FindMethodByName(dotted);
}

std::string ExpectedTypes(const MethodDescriptor& d) {
  return absl::StrCat(d.input_type()->full_name(), " -> ", d.server_streaming() ? "stream " : "",
                      d.output_type()->full_name());
}

std::string GivenTypes(const Method& m) {
  return absl::StrCat(m.request->GetDescriptor()->full_name(), " -> ", m.stream ? "stream " : "",
                      m.response->GetDescriptor()->full_name());
}

}  // namespace

struct Registry::Impl {
  void Add(Method method) {
    const std::string name = method.name;
    const auto* descriptor = FindDescriptor(name);
    if (descriptor == nullptr) {
      mistakes.push_back(absl::StrCat(name, ": no such method in the protos"));
      return;
    }
    if (descriptor->client_streaming()) mistakes.push_back(absl::StrCat(name, ": client streams are not served"));
    if (ExpectedTypes(*descriptor) != GivenTypes(method)) {
      mistakes.push_back(
          absl::StrCat(name, ": handler is ", GivenTypes(method), ", proto is ", ExpectedTypes(*descriptor)));
    }
    method.access = AccessOf(*descriptor);
    if (method.access == nullptr) mistakes.push_back(absl::StrCat(name, ": option haven.options.v1.access is missing"));
    if (!methods.emplace(name, std::move(method)).second) mistakes.push_back(absl::StrCat(name, ": registered twice"));
  }

  std::unordered_map<std::string, Method> methods;
  std::vector<std::string> promised;
  std::vector<std::string> mistakes;
};

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

void Registry::AddUnary(std::string method, const Message* request, const Message* response, ErasedUnary handler) {
  Method added;
  added.name = std::move(method);
  added.request = request;
  added.response = response;
  added.unary = std::move(handler);
  impl_->Add(std::move(added));
}

void Registry::AddStream(std::string method, const Message* request, const Message* response, ErasedStream handler) {
  Method added;
  added.name = std::move(method);
  added.request = request;
  added.response = response;
  added.stream = std::move(handler);
  impl_->Add(std::move(added));
}

void Registry::Implements(std::string service) {
  impl_->promised.push_back(std::move(service));
}

absl::Status Registry::Validate() const {
  std::vector<std::string> mistakes = impl_->mistakes;
  for (const auto& name : impl_->promised) {
    const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) {
      mistakes.push_back(absl::StrCat(name, ": no such service in the protos"));
      continue;
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = absl::StrCat(name, "/", service->method(i)->name());
      if (impl_->methods.count(method) == 0) mistakes.push_back(absl::StrCat(method, ": has no handler"));
    }
  }
  if (mistakes.empty()) return absl::OkStatus();
  return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_BUG,
                         absl::StrCat("methods:\n  ", absl::StrJoin(mistakes, "\n  ")));
}

const Method* RegistryAccess::Find(const Registry& registry, const std::string& name) {
  const auto found = registry.impl_->methods.find(name);
  return found == registry.impl_->methods.end() ? nullptr : &found->second;
}

}  // namespace haven::rpc
