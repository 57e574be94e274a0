#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/redis/backoff.h"
#include "libs/redis/channel.h"
#include "libs/redis/dial.h"
#include "libs/redis/errors.h"
#include "libs/redis/pending.h"
#include "libs/redis/redis.h"
#include "libs/redis/script.h"

namespace haven::redis {

// The engine behind Redis: keeps a connection up, pipelines what is submitted, hands out replies. Loop's thread only.
class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(boost::asio::any_io_executor executor, RedisOptions options, Target target);
  ~Client();

  void Start();
  void Close();

  // Writes command i of `waiter`, which is one whole RESP command.
  using Encode = absl::FunctionRef<void(std::string& out, std::size_t i)>;
  // Accepts the commands of `waiter`, or sets its status. Wait must follow in the same turn, whatever came of it.
  void Submit(Waiter& waiter, Encode encode);
  // For a waiter without commands: it ends when there is a connection.
  void SubmitWait(Waiter& waiter);
  // Ends when the waiter has its replies, or a status that is not OK.
  static async::Task<void> Wait(std::shared_ptr<Client> self, Waiter& waiter);

  void Register(const Script& script);
  void OnConnect(std::function<void(const ConnectInfo&)> callback);

  bool connected() const { return state_ == State::kUp; }
  const std::string& run_id() const { return info_.run_id; }
  haven::redis::Stats GetStats() const;
  Observer* observer() const { return options_.observer; }

 private:
  enum class State { kAway, kUp, kClosed };

  static async::Task<void> Run(std::shared_ptr<Client> self);
  async::Task<absl::Status> ServeOnce();
  async::Task<absl::Status> LoadScripts(core::Deadline deadline);
  async::Task<void> ReadReplies();
  void Up(std::string run_id);
  void Lost(absl::Status why);
  // Hands each reply in `bytes` to its waiter; those that are complete are appended to `complete`.
  absl::Status Distribute(std::string_view bytes, std::vector<Waiter*>& complete);

  absl::Status Admit(const Waiter& waiter, TimePoint now) const;
  void ScheduleFlush();
  void Flush();
  static async::Task<void> FlushWhenWritable(std::shared_ptr<Client> self, std::shared_ptr<Channel> channel);

  void WakeBy(TimePoint at);
  void OnWake();
  TimePoint ExpireWaiters(TimePoint now, std::vector<Waiter*>& ended);
  // Gives up a silent connection, pings an idle one; when to look again.
  TimePoint CheckLiveness(TimePoint now);

  Outcome OutcomeOf(const Waiter& waiter) const;
  std::size_t UnsentBytes() const { return output_.size() - output_taken_; }
  // At once: only from a handler of our own, never below a caller's frame.
  void Resume(const std::vector<Waiter*>& ended);
  // At the loop's next turn.
  void ResumeLater(const std::vector<Waiter*>& ended);

  boost::asio::any_io_executor executor_;
  const RedisOptions options_;
  std::shared_ptr<Dialer> dialer_;
  Backoff backoff_;
  boost::asio::steady_timer backoff_timer_;

  State state_ = State::kAway;
  absl::Status why_away_;
  ConnectInfo info_;
  std::vector<std::function<void(const ConnectInfo&)>> on_connect_;
  absl::flat_hash_map<std::string, Script> scripts_;  // by SHA1

  std::shared_ptr<Channel> channel_;
  PendingReplies replies_;
  std::string output_;  // encoded commands; the first output_taken_ bytes are the kernel's already
  std::size_t output_taken_ = 0;
  std::uint64_t written_ = 0;  // bytes taken by the kernel over this connection's life
  bool flush_scheduled_ = false;
  bool socket_full_ = false;
  bool spoilt_ = false;  // a reply said that this server is the wrong one now

  std::vector<Waiter*> waiting_;  // for a connection
  std::size_t waiting_commands_ = 0;
  std::size_t waiting_bytes_ = 0;

  boost::asio::steady_timer wake_timer_;
  TimePoint wake_at_ = TimePoint::max();
  TimePoint last_read_;
  bool suspected_ = false;

  haven::redis::Stats stats_;
};

}  // namespace haven::redis
