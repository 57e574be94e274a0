#include "libs/redis/redis.h"

#include <array>
#include <charconv>
#include <utility>

#include "libs/redis/client.h"
#include "libs/redis/errors.h"
#include "libs/redis/resp.h"

namespace haven::redis {
namespace {

using Clock = std::chrono::steady_clock;

// Tells the observer of one call, if there is one; without it no clock is read.
class Observed {
 public:
  explicit Observed(Observer* observer) : observer_(observer), began_(observer ? Clock::now() : Clock::time_point()) {}
  void Done(std::string_view command, const absl::Status& status) const {
    if (observer_ != nullptr) observer_->CommandDone(command, status.code(), Clock::now() - began_);
  }

 private:
  Observer* observer_;
  Clock::time_point began_;
};

void AppendEval(std::string& out, const Script& script, const std::vector<std::string>& keys,
                const std::vector<std::string>& args) {
  AppendArrayHeader(out, 3 + keys.size() + args.size());
  AppendBulk(out, "EVALSHA");
  AppendBulk(out, script.sha1());
  std::array<char, 20> count;
  const auto* end = std::to_chars(count.data(), count.data() + count.size(), keys.size()).ptr;
  AppendBulk(out, std::string_view(count.data(), static_cast<std::size_t>(end - count.data())));
  for (const auto& key : keys) AppendBulk(out, key);
  for (const auto& arg : args) AppendBulk(out, arg);
}

using ClientPtr = std::shared_ptr<Client>;

async::Task<absl::StatusOr<Value>> DoCommand(ClientPtr client, core::Deadline deadline, std::vector<std::string> argv) {
  if (argv.empty()) co_return absl::InvalidArgumentError("an empty command");
  const Observed observed(client->observer());
  Value reply;
  Waiter waiter(std::span(&reply, 1), deadline);
  client->Submit(waiter, [&](std::string& out, std::size_t) { AppendCommand(out, argv); });
  co_await Client::Wait(client, waiter);
  if (waiter.status.ok() && reply.IsError()) waiter.status = FromErrorReply(reply.text);
  observed.Done(argv.front(), waiter.status);
  if (!waiter.status.ok()) co_return std::move(waiter.status);
  co_return std::move(reply);
}

async::Task<absl::StatusOr<std::vector<Value>>> DoBatch(ClientPtr client, core::Deadline deadline,
                                                        std::vector<std::vector<std::string>> commands) {
  std::vector<Value> replies(commands.size());
  if (commands.empty()) co_return replies;
  const Observed observed(client->observer());
  for (const auto& argv : commands) {
    if (argv.empty()) co_return absl::InvalidArgumentError("an empty command");
  }
  Waiter waiter(replies, deadline);
  client->Submit(waiter, [&](std::string& out, std::size_t i) { AppendCommand(out, commands[i]); });
  co_await Client::Wait(client, waiter);
  observed.Done("batch", waiter.status);
  if (!waiter.status.ok()) co_return std::move(waiter.status);
  co_return replies;
}

async::Task<absl::StatusOr<Value>> DoEval(ClientPtr client, core::Deadline deadline, Script script,
                                          std::vector<std::string> keys, std::vector<std::string> args) {
  const Observed observed(client->observer());
  client->Register(script);
  Value reply;
  absl::Status status;
  for (bool loaded = false;; loaded = true) {
    Waiter waiter(std::span(&reply, 1), deadline);
    client->Submit(waiter, [&](std::string& out, std::size_t) { AppendEval(out, script, keys, args); });
    co_await Client::Wait(client, waiter);
    status = std::move(waiter.status);
    if (!status.ok() || !reply.IsError()) break;
    if (loaded || ErrorCode(reply.text) != "NOSCRIPT") {
      status = FromErrorReply(reply.text, script.name(), script.prelude_lines());
      break;
    }
    std::vector<std::string> load{"SCRIPT", "LOAD", script.text()};
    const auto done = co_await DoCommand(client, deadline, std::move(load));
    if (!done.ok()) {
      status = done.status();
      break;
    }
  }
  observed.Done(script.name(), status);
  if (!status.ok()) co_return status;
  co_return std::move(reply);
}

async::Task<absl::Status> DoWaitConnected(ClientPtr client, core::Deadline deadline) {
  if (client->connected()) co_return absl::OkStatus();
  Waiter waiter({}, deadline);
  client->SubmitWait(waiter);
  co_await Client::Wait(client, waiter);
  co_return std::move(waiter.status);
}

}  // namespace

std::unique_ptr<Redis> Redis::Create(boost::asio::any_io_executor executor, RedisOptions options) {
  auto target = ParseTarget(options.target);
  if (!target.ok()) return nullptr;
  auto client = std::make_shared<Client>(std::move(executor), std::move(options), *std::move(target));
  client->Start();
  return std::unique_ptr<Redis>(new Redis(std::move(client)));
}

Redis::Redis(std::shared_ptr<Client> client) : client_(std::move(client)) {}
Redis::~Redis() {
  Close();
}

async::Task<absl::StatusOr<Value>> Redis::Command(core::Deadline deadline, std::vector<std::string> argv) {
  return DoCommand(client_, deadline, std::move(argv));
}

async::Task<absl::StatusOr<std::vector<Value>>> Redis::Batch(core::Deadline deadline,
                                                             std::vector<std::vector<std::string>> commands) {
  return DoBatch(client_, deadline, std::move(commands));
}

async::Task<absl::StatusOr<Value>> Redis::Eval(core::Deadline deadline, Script script, std::vector<std::string> keys,
                                               std::vector<std::string> args) {
  return DoEval(client_, deadline, std::move(script), std::move(keys), std::move(args));
}

async::Task<absl::Status> Redis::WaitConnected(core::Deadline deadline) {
  return DoWaitConnected(client_, deadline);
}

void Redis::Register(const Script& script) {
  client_->Register(script);
}
bool Redis::Connected() const {
  return client_->connected();
}
void Redis::OnConnect(std::function<void(const ConnectInfo&)> callback) {
  client_->OnConnect(std::move(callback));
}
const std::string& Redis::run_id() const {
  return client_->run_id();
}
haven::redis::Stats Redis::Stats() const {
  return client_->GetStats();
}
void Redis::Close() {
  client_->Close();
}

absl::Status ErrorStatus(const Value& error_reply) {
  return FromErrorReply(error_reply.text);
}

absl::Status ValidateTarget(std::string_view target) {
  return ParseTarget(target).status();
}

}  // namespace haven::redis
