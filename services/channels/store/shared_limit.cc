#include "services/channels/store/shared_limit.h"

#include <utility>

#include "haven_channels_store_embedded.h"
#include "services/channels/store/keys.h"

namespace haven::channels {

SharedLimit::SharedLimit(redis::Redis* redis, std::string hub)
    : redis_(redis), hub_(std::move(hub)), script_("admit_start", kAdmitStartLua) {}

async::Task<absl::StatusOr<std::optional<std::chrono::milliseconds>>> SharedLimit::Admit(core::Deadline deadline,
                                                                                         std::string source,
                                                                                         Rate rate) {
  std::vector<std::string> keys;
  keys.push_back(keys::Starts(hub_, source));
  std::vector<std::string> args;
  args.push_back(std::to_string(rate.events));
  args.push_back(std::to_string(rate.period.count()));
  auto reply = co_await redis_->Eval(deadline, script_, std::move(keys), std::move(args));
  if (!reply.ok()) co_return reply.status();
  if (reply->integer == 0) co_return std::nullopt;
  co_return std::chrono::milliseconds(reply->integer);
}

}  // namespace haven::channels
