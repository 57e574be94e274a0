#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "haven/routing/v1/routing.pb.h"
#include "libs/async/loop.h"
#include "libs/async/task.h"
#include "libs/async/task_group.h"
#include "libs/core/clock.h"
#include "libs/core/ids.h"
#include "libs/events/fanout.h"
#include "libs/rpc/channel.h"
#include "tests/bench/bench.h"

namespace haven::bench {

struct Agent {
  std::string id;
  std::string connection;  // of its presence lease
};

// What clients and services ask of the hub, over its Unix socket. Used on its loop, except the constructor and the
// functions that say so. A call that fails is told and counted: the benchmarks make no mistakes on purpose.
class Hub {
 public:
  explicit Hub(const Stage& stage);
  ~Hub();

  const Stage& stage() const { return stage_; }
  async::Loop& loop() { return loop_; }
  rpc::Channel& integrator() { return *integrator_; }
  std::string NewId() { return core::NewUuid(core::SystemClock(), core::SystemRandom()); }
  long failed() const { return failed_; }

  // Any thread. Users whose names begin with `prefix`, in their order.
  std::vector<Agent> Agents(const std::string& prefix);
  // Any thread, blocking: a seeded contact (seed.sql) by its number.
  static std::string Contact(long number);
  static std::string Conversation(long number);

  // True if it was done. `number` is of a seeded contact.
  async::Task<bool> Enqueue(long number, std::string queue, std::string language);
  async::Task<bool> SetActivity(std::string agent, routing::v1::Activity activity);
  // The epoch, 0 if it failed.
  async::Task<long> Accept(std::string agent, std::string reservation);
  async::Task<bool> Complete(std::string agent, std::string contact, long epoch);
  async::Task<bool> Finish(std::string agent, std::string contact);
  async::Task<bool> Echo();
  // Complete and Finish.
  async::Task<bool> End(std::string agent, std::string contact, long epoch);

  // Blocking, not on the loop: present (by the leases that feeds would hold, renewed until the end of the run) and in
  // that activity.
  void BringIn(const std::vector<Agent>& agents, bool with_leases);
  void SetAll(const std::vector<Agent>& agents, routing::v1::Activity activity);
  // Blocking: the contacts numbered from `first`; `place` gives queue and language.
  void EnqueueAll(long first, long count, std::function<std::pair<std::string, std::string>(long)> place);

  // Blocking: `body(i)` for i from 0 to count - 1, `at_once` of them under way.
  void ForEach(long count, int at_once, std::function<async::Task<void>(long)> body);

 private:
  template <class Resp, class Req>
  async::Task<bool> Do(rpc::Channel* channel, const char* method, Req request, Resp* response);
  async::Task<void> KeepPresent(std::vector<Agent> agents);
  void Failed(const char* method, const absl::Status& status);

  Stage stage_;
  async::Loop loop_;
  std::unique_ptr<rpc::TokenIssuer> issuer_;
  std::shared_ptr<rpc::Channel> services_, integrator_;
  std::unique_ptr<async::TaskGroup> present_;
  long lease_ = 0;
  long failed_ = 0;
};

}  // namespace haven::bench
