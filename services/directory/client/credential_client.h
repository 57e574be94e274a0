#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/tokens.h"

namespace haven::directory {

// Judges what is no token: API keys ("hvk_") and visitors' capabilities ("hvv_", asked of channels). Everything else is
// UNAUTHENTICATED, also session secrets: they are for the edge alone, which changes them for tokens. Loop thread only.
class CredentialClient final : public rpc::CredentialResolver {
 public:
  // Who stands behind an API key; NOT_FOUND if nobody.
  using ResolveKey = std::function<async::Task<absl::StatusOr<rpc::Identity>>(core::Deadline, std::string)>;

  CredentialClient(ResolveKey keys, std::shared_ptr<rpc::Channel> channels, const core::Clock& clock)
      : keys_(std::move(keys)), channels_(std::move(channels)), clock_(clock) {}

  // For a process that is not the directory's: changes the key for a token and reads that.
  static ResolveKey AskDirectory(std::shared_ptr<rpc::Channel> directory, rpc::TokenVerifier* tokens);

  async::Task<absl::StatusOr<rpc::Identity>> Resolve(core::Deadline deadline, std::string credential) override;

 private:
  async::Task<absl::StatusOr<rpc::Identity>> ResolveVisitor(core::Deadline deadline, std::string credential);

  ResolveKey keys_;
  std::shared_ptr<rpc::Channel> channels_;
  const core::Clock& clock_;
};

}  // namespace haven::directory
