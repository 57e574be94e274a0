#include "libs/events/publisher.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace haven::events {

async::Task<absl::Status> Publisher::Append(core::Deadline deadline, std::vector<Event> events) {
  std::vector<std::vector<std::string>> commands;
  commands.reserve(events.size());
  for (const auto& event : events) {
    if (event.id().empty() || KindName(event.kind()).empty()) {
      co_return absl::InvalidArgumentError("an event needs an id and a kind");
    }
    std::vector<std::string> command{"XADD", options_.stream, "MAXLEN", "~", absl::StrCat(options_.max_entries), "*"};
    auto fields = EncodeFields(event);
    std::move(fields.begin(), fields.end(), std::back_inserter(command));
    commands.push_back(std::move(command));
  }
  const auto replies = co_await redis_->Batch(deadline, std::move(commands));
  if (!replies.ok()) co_return replies.status();
  for (const auto& reply : *replies) {
    if (reply.IsError()) co_return redis::ErrorStatus(reply);
  }
  co_return absl::OkStatus();
}

}  // namespace haven::events
