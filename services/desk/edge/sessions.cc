#include "services/desk/edge/sessions.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/hash.h"

namespace haven::desk::edge {

Sessions::Sessions(const core::Clock& clock, Issue issue, std::size_t max_sessions)
    : clock_(clock), issue_(std::move(issue)), max_sessions_(max_sessions) {}

std::shared_ptr<Sessions::Entry> Sessions::Find(const std::string& key) {
  if (const auto found = entries_.find(key); found != entries_.end()) {
    order_.splice(order_.begin(), order_, found->second->place);
    return found->second;
  }
  if (entries_.size() >= max_sessions_) {
    entries_.erase(order_.back());
    order_.pop_back();
  }
  order_.push_front(key);
  auto entry = std::make_shared<Entry>();
  entry->place = order_.begin();
  entries_.emplace(key, entry);
  return entry;
}

async::Task<absl::StatusOr<std::string>> Sessions::TokenOf(core::Deadline deadline, std::string secret) {
  const std::string key = crypto::Sha256(secret);
  const auto entry = Find(key);
  for (;;) {
    if (!entry->issued.token.empty() && clock_.Now() < entry->issued.expires - absl::Minutes(1))
      co_return entry->issued.token;
    if (!entry->asking) break;
    if (!co_await entry->answered.Wait(deadline)) {
      co_return core::MakeError(absl::StatusCode::kDeadlineExceeded, errors::v1::REASON_DEADLINE_EXCEEDED,
                                "the session could not be checked in time");
    }
  }
  entry->asking = true;
  auto issued = co_await issue_(deadline, std::move(secret));
  entry->asking = false;
  entry->answered.NotifyAll();
  if (issued.ok()) {
    entry->issued = *issued;
    co_return issued->token;
  }
  // Only a session that the directory does not know is forgotten: while it is away the page must not be signed out.
  if (absl::IsNotFound(issued.status()) || absl::IsUnauthenticated(issued.status())) {
    if (const auto found = entries_.find(key); found != entries_.end() && found->second == entry) {
      order_.erase(entry->place);
      entries_.erase(found);
    }
    co_return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED,
                              "the session has ended: sign in again");
  }
  co_return issued.status();
}

void Sessions::Forget(std::string_view secret) {
  const auto found = entries_.find(crypto::Sha256(secret));
  if (found == entries_.end()) return;
  order_.erase(found->second->place);
  entries_.erase(found);
}

std::string_view CookieValue(std::string_view header, std::string_view name) {
  for (std::size_t at = 0; at < header.size();) {
    const auto end = std::min(header.find(';', at), header.size());
    std::string_view pair = header.substr(at, end - at);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.substr(0, name.size()) == name && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    at = end + 1;
  }
  return {};
}

}  // namespace haven::desk::edge
