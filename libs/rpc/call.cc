#include "libs/rpc/call.h"

#include <algorithm>

namespace haven::rpc {

Call::Call(std::string method, Identity identity, core::Deadline deadline, telemetry::TraceContext trace,
           std::string peer)
    : Call(std::move(method), std::make_shared<const Identity>(std::move(identity)), deadline, trace, std::move(peer)) {
}

Call::Call(std::string method, std::shared_ptr<const Identity> identity, core::Deadline deadline,
           telemetry::TraceContext trace, std::string peer)
    : method_(std::move(method)),
      identity_(std::move(identity)),
      deadline_(deadline),
      trace_(trace),
      peer_(std::move(peer)) {}

Call::~Call() = default;

const std::string* Call::Metadata(std::string_view key) const {
  const auto found =
      std::find_if(metadata_.begin(), metadata_.end(), [&](const auto& pair) { return pair.first == key; });
  return found == metadata_.end() ? nullptr : &found->second;
}

void Call::OnCancel(std::function<void()> hook) {
  if (cancelled_) return hook();
  hooks_.push_back(std::move(hook));
}

void CallAccess::Cancel(Call& call) {
  if (call.cancelled_) return;
  call.cancelled_ = true;
  auto hooks = std::move(call.hooks_);
  call.hooks_.clear();
  for (auto& hook : hooks) hook();
}

void CallAccess::SetCredential(Call& call, std::string credential) {
  call.credential_ = std::move(credential);
}

void CallAccess::AddMetadata(Call& call, std::string key, std::string value) {
  call.metadata_.emplace_back(std::move(key), std::move(value));
}

}  // namespace haven::rpc
