#include "services/directory/api/password_hasher.h"

#include <chrono>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/core/ids.h"

namespace haven::directory {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

PasswordHasher::PasswordHasher(async::BlockingPool& pool, crypto::PasswordCost cost, int at_once, int most_waiting,
                               telemetry::Histogram seconds)
    : pool_(pool),
      cost_(cost),
      most_waiting_(most_waiting),
      turns_(static_cast<std::size_t>(at_once)),
      seconds_(seconds) {}

async::Task<absl::Status> PasswordHasher::Prepare(core::Deadline deadline) {
  auto hash = co_await Hash(deadline, core::NewSecret(core::SystemRandom()));
  if (!hash.ok()) co_return hash.status();
  dummy_ = *std::move(hash);
  co_return absl::OkStatus();
}

async::Task<absl::StatusOr<async::Semaphore::Permit>> PasswordHasher::Turn(core::Deadline deadline) {
  if (waiting_ >= most_waiting_) {
    co_return core::LimitError(errors::v1::REASON_OVERLOADED, "too many people sign in at once; try again",
                               std::chrono::seconds(2));
  }
  ++waiting_;
  auto permit = co_await turns_.Acquire(deadline);
  --waiting_;
  if (!permit) {
    co_return core::MakeError(absl::StatusCode::kDeadlineExceeded, errors::v1::REASON_DEADLINE_EXCEEDED,
                              "no turn to check a password in time");
  }
  co_return std::move(permit);
}

async::Task<absl::StatusOr<std::string>> PasswordHasher::Hash(core::Deadline deadline, std::string password) {
  const auto begin = Clock::now();
  auto turn = co_await Turn(deadline);
  if (!turn.ok()) co_return turn.status();
  auto job = [cost = cost_, password = std::move(password)] {
    return crypto::HashPassword(password, cost, core::SystemRandom());
  };
  auto hash = co_await pool_.Run(deadline, std::move(job));
  seconds_.Observe(SecondsSince(begin));
  if (!hash.ok()) co_return hash.status();
  co_return *std::move(hash);
}

async::Task<absl::StatusOr<bool>> PasswordHasher::Verify(core::Deadline deadline, std::string password,
                                                         std::string encoded) {
  const auto begin = Clock::now();
  auto turn = co_await Turn(deadline);
  if (!turn.ok()) co_return turn.status();
  const bool known = !encoded.empty();
  auto job = [password = std::move(password), encoded = known ? std::move(encoded) : dummy_] {
    return crypto::VerifyPassword(password, encoded);
  };
  auto right = co_await pool_.Run(deadline, std::move(job));
  seconds_.Observe(SecondsSince(begin));
  if (!right.ok()) co_return right.status();
  co_return known&&* right;
}

}  // namespace haven::directory
