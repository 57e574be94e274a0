#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/async/task.h"
#include "libs/async/wait.h"
#include "libs/core/clock.h"
#include "libs/core/deadline.h"

namespace haven::desk::edge {

struct IssuedToken {
  std::string token;
  absl::Time expires;
};

// Tokens of browser sessions: asked of the directory once, kept until a minute before they expire, asked once however
// many requests of a session come together. Keys are hashes: no session secret stays in memory. Loop thread only.
class Sessions {
 public:
  using Issue = std::function<async::Task<absl::StatusOr<IssuedToken>>(core::Deadline, std::string secret)>;

  Sessions(const core::Clock& clock, Issue issue, std::size_t max_sessions = 10'000);

  // The token to call services with; UNAUTHENTICATED for a session that has ended.
  async::Task<absl::StatusOr<std::string>> TokenOf(core::Deadline deadline, std::string secret);
  void Forget(std::string_view secret);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    IssuedToken issued;
    bool asking = false;
    std::list<std::string>::iterator place;
    async::Notifier answered;
  };
  std::shared_ptr<Entry> Find(const std::string& key);

  const core::Clock& clock_;
  Issue issue_;
  std::size_t max_sessions_;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
  std::list<std::string> order_;  // most recently used first
};

// Value of a cookie in a Cookie header; empty if absent.
std::string_view CookieValue(std::string_view header, std::string_view name);

}  // namespace haven::desk::edge
