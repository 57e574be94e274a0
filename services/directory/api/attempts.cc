#include "services/directory/api/attempts.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/hash.h"
#include "services/directory/domain/strings.h"

namespace haven::directory {

Attempt::Attempt(Service& service, std::string_view username, std::string_view source)
    : service_(service),
      name_(crypto::KeyedHash(service.attempt_key, Cat("name:", username))),
      source_(crypto::KeyedHash(service.attempt_key, Cat("source:", source))) {}

async::Task<absl::Status> Attempt::Begin(core::Deadline deadline) {
  const ThrottlePolicy name_policy = service_.config.NamePolicy();
  const ThrottlePolicy source_policy = service_.config.SourcePolicy();
  auto tx = co_await service_.database.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  std::vector<std::string> subjects = {name_, source_};
  auto known = co_await LockAttempts(*tx, std::move(subjects));
  if (!known.ok()) co_return known.status();
  const absl::Time now = service_.clock.Now();
  const absl::Duration wait =
      std::max(WaitBefore((*known)[0], name_policy, now), WaitBefore((*known)[1], source_policy, now));
  if (wait > absl::ZeroDuration()) {
    const auto milliseconds = std::chrono::milliseconds(absl::ToInt64Milliseconds(wait) + 1);
    co_return core::LimitError(errors::v1::REASON_RATE_LIMITED, "too many attempts to sign in; wait", milliseconds);
  }
  const Attempts name = Charge((*known)[0], name_policy, now);
  const Attempts source = Charge((*known)[1], source_policy, now);
  QueueWriteAttempts(*tx, name_, name, ForgottenAt(name, name_policy));
  QueueWriteAttempts(*tx, source_, source, ForgottenAt(source, source_policy));
  co_return co_await tx->Commit();
}

async::Task<absl::Status> Attempt::Succeed(store::Transaction& tx) {
  const ThrottlePolicy policy = service_.config.SourcePolicy();
  // Both are locked, in the order in which Begin does.
  std::vector<std::string> subjects = {name_, source_};
  auto known = co_await LockAttempts(tx, std::move(subjects));
  if (!known.ok()) co_return known.status();
  const Attempts source = Refund((*known)[1], policy);
  QueueClearAttempts(tx, name_);
  QueueWriteAttempts(tx, source_, source, ForgottenAt(source, policy));
  co_return absl::OkStatus();
}

}  // namespace haven::directory
