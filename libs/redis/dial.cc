#include "libs/redis/dial.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/redis/errors.h"
#include "libs/redis/resp.h"

namespace haven::redis {
namespace {

// The commands of a handshake, written together; each with a name for its error.
class Steps {
 public:
  void Add(std::string name, std::vector<std::string> argv) {
    AppendCommand(request_, argv);
    names_.push_back(std::move(name));
  }
  const std::string& request() const { return request_; }
  std::size_t size() const { return names_.size(); }
  absl::Status Check(const std::vector<Value>& replies) const {
    for (std::size_t i = 0; i < replies.size(); ++i) {
      if (!replies[i].IsError()) continue;
      return Unavailable(absl::StrCat(names_[i], ": ", std::string(Presentable(replies[i].text))), Outcome::kNone);
    }
    return absl::OkStatus();
  }

 private:
  std::string request_;
  std::vector<std::string> names_;
};

void AddAuth(Steps& steps, const std::string& user, const std::string& password) {
  if (password.empty()) return;
  std::vector<std::string> argv{"AUTH"};
  if (!user.empty()) argv.push_back(user);
  argv.push_back(password);
  steps.Add("AUTH", std::move(argv));
}

// The value of a line "key:value" of INFO; empty if there is none.
std::string InfoField(std::string_view info, std::string_view key) {
  while (!info.empty()) {
    const auto end = info.find("\r\n");
    const auto line = info.substr(0, end);
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ':')
      return std::string(line.substr(key.size() + 1));
    if (end == std::string_view::npos) break;
    info.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace

Dialer::Dialer(boost::asio::any_io_executor executor, RedisOptions options, Target target)
    : executor_(std::move(executor)), options_(std::move(options)), target_(std::move(target)) {}

void Dialer::Close() {
  closed_ = true;
  if (channel_) channel_->Close();
}

async::Task<absl::StatusOr<Dialed>> Dialer::Dial(core::Deadline deadline) {
  const auto self = shared_from_this();
  const auto server = co_await FindServer(deadline);
  if (!server.ok()) co_return server.status();
  if (closed_) co_return Unavailable("closed", Outcome::kNone);
  channel_ = std::make_shared<Channel>(executor_);
  const auto connected = co_await channel_->Connect(deadline, *server);
  if (!connected.ok()) co_return connected;
  auto run_id = co_await Handshake(deadline);
  Dialed dialed;
  dialed.channel = std::exchange(channel_, nullptr);
  if (!run_id.ok()) co_return run_id.status();
  if (closed_) co_return Unavailable("closed", Outcome::kNone);
  dialed.run_id = *std::move(run_id);
  co_return dialed;
}

async::Task<absl::StatusOr<std::string>> Dialer::Handshake(core::Deadline deadline) {
  Steps steps;
  AddAuth(steps, options_.user, options_.password);
  if (options_.db != 0) steps.Add("SELECT", {"SELECT", absl::StrCat(options_.db)});
  if (!options_.client_name.empty()) steps.Add("CLIENT SETNAME", {"CLIENT", "SETNAME", options_.client_name});
  // Refused while the server loads its data, unlike INFO and ROLE.
  steps.Add("PING", {"PING"});
  steps.Add("INFO", {"INFO", "server"});
  const auto info = steps.size() - 1;
  if (target_.IsSentinel()) steps.Add("ROLE", {"ROLE"});
  const auto replies = co_await channel_->Exchange(deadline, steps.request(), steps.size());
  if (!replies.ok()) co_return replies.status();
  const auto checked = steps.Check(*replies);
  if (!checked.ok()) co_return checked;
  if (target_.IsSentinel() && (replies->back().items.empty() || replies->back().items[0].text != "master")) {
    co_return Unavailable("the sentinels' master is not one yet", Outcome::kNone);
  }
  auto run_id = InfoField((*replies)[info].text, "run_id");
  if (run_id.empty()) co_return Unavailable("INFO has no run_id", Outcome::kNone);
  co_return run_id;
}

async::Task<absl::StatusOr<Address>> Dialer::FindServer(core::Deadline deadline) {
  if (!target_.IsSentinel()) co_return target_.server;
  absl::Status status;
  const auto count = target_.sentinels.size();
  // The time left is shared out, so that a sentinel that swallows packets does not use it all; half is kept for the
  // master.
  const auto share = deadline.Remaining() / static_cast<int>(2 * count);
  for (std::size_t i = 0; i < count && !closed_; ++i) {
    auto found = co_await AskSentinel(deadline.AtMost(share), target_.sentinels[i]);
    if (found.ok()) {
      // Asked first the next time.
      std::rotate(target_.sentinels.begin(), target_.sentinels.begin() + static_cast<std::ptrdiff_t>(i),
                  target_.sentinels.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      co_return found;
    }
    status = found.status();
  }
  co_return status.ok() ? Unavailable("closed", Outcome::kNone) : status;
}

async::Task<absl::StatusOr<Address>> Dialer::AskSentinel(core::Deadline deadline, Address sentinel) {
  channel_ = std::make_shared<Channel>(executor_);
  const auto connected = co_await channel_->Connect(deadline, std::move(sentinel));
  if (!connected.ok()) co_return connected;
  Steps steps;
  AddAuth(steps, {}, options_.sentinel_password);
  steps.Add("SENTINEL", {"SENTINEL", "get-master-addr-by-name", target_.master});
  const auto replies = co_await channel_->Exchange(deadline, steps.request(), steps.size());
  channel_->Close();
  if (!replies.ok()) co_return replies.status();
  const auto checked = steps.Check(*replies);
  if (!checked.ok()) co_return checked;
  const auto& pair = replies->back().items;
  if (pair.size() != 2) co_return Unavailable("the sentinel does not know the master's name", Outcome::kNone);
  const auto& host = pair[0].text;
  co_return ParseHostPort(host.find(':') == std::string::npos ? absl::StrCat(host, ":", pair[1].text)
                                                              : absl::StrCat("[", host, "]:", pair[1].text));
}

}  // namespace haven::redis
