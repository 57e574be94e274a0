#include <atomic>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <thread>
#include <vector>

#include "haven/errors/v1/errors.pb.h"
#include "libs/async/block_on.h"
#include "libs/async/blocking_pool.h"
#include "libs/async/completion.h"
#include "libs/async/loop.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/core/log.h"

namespace haven::async {
namespace {

using core::Deadline;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Fixture {
  Fixture() { loop.Start(); }
  Loop loop;
};

Task<int> Answer() {
  co_return 42;
}
Task<int> Throw() {
  throw std::runtime_error("from a library");
  co_return 0;
}

TEST_CASE_METHOD(Fixture, "BlockOn_ReturnsTheResult_AndWhatWasThrown") {
  CHECK(BlockOn(loop, Answer()) == 42);
  CHECK_THROWS_AS(BlockOn(loop, Throw()), std::runtime_error);
}

Task<void> SleepLong(bool* full) {
  *full = co_await Sleep(hours(1));
}

TEST_CASE_METHOD(Fixture, "TaskGroup_Drain_EndsSleepersAtOnce") {
  bool full[3] = {true, true, true};
  TaskGroup group(loop, "sleepers");
  for (auto& f : full) group.Spawn(SleepLong(&f));
  CHECK(BlockOn(loop, group.Drain(Deadline::After(seconds(30)))));
  CHECK(group.active() == 0);
  CHECK_FALSE((full[0] || full[1] || full[2]));
}

Task<void> SleepAgainAfterCancel(int* rounds) {
  const bool first = co_await Sleep(hours(1));
  // Waits begun after the cancellation end at once too.
  const bool second = co_await Sleep(hours(1));
  const bool third = co_await Yield();
  *rounds = first + second + third;
}

TEST_CASE_METHOD(Fixture, "TaskGroup_CancelledTask_CannotBeginANewWait") {
  int rounds = 0;
  TaskGroup group(loop, "again");
  group.Spawn(SleepAgainAfterCancel(&rounds));
  CHECK(BlockOn(loop, group.Drain(Deadline::After(seconds(30)))));
  CHECK(rounds == 0);
}

Task<void> HoldUntil(Event* release) {
  while (!release->IsSet()) co_await Yield();
}

Task<bool> DrainWhileHeld(TaskGroup* group) {
  co_await Yield();  // the task has begun
  co_return co_await group->Drain(Deadline::After(milliseconds(10)));
}

TEST_CASE_METHOD(Fixture, "TaskGroup_Drain_TellsWhenATaskIgnoresIt") {
  Event release;
  TaskGroup group(loop, "stubborn");
  group.Spawn(HoldUntil(&release));
  CHECK_FALSE(BlockOn(loop, DrainWhileHeld(&group)));
  CHECK(group.active() == 1);
  loop.Post([&] { release.Set(); });
  CHECK(BlockOn(loop, group.Drain(Deadline::After(seconds(30)))));
}

TEST_CASE_METHOD(Fixture, "TaskGroup_SpawnAfterCancel_NeverStarts") {
  bool full = false;
  TaskGroup group(loop, "late");
  group.Cancel();
  group.Spawn(SleepLong(&full));
  CHECK(BlockOn(loop, group.Drain(Deadline::After(seconds(30)))));
  CHECK_FALSE(full);
}

Task<void> ThrowVoid() {
  throw std::runtime_error("x");
  co_return;
}

TEST_CASE_METHOD(Fixture, "TaskGroup_TaskThatThrows_IsLoggedAndEnds") {
  std::string lines;
  core::SetLogSink([&](std::string_view line) { lines += line; });
  TaskGroup group(loop, "thrower");
  group.Spawn(ThrowVoid());
  CHECK(BlockOn(loop, group.Drain(Deadline::After(seconds(30)))));
  core::SetLogSink(nullptr);
  CHECK(lines.find("task_threw") != std::string::npos);
  CHECK(lines.find("thrower") != std::string::npos);
}

Task<int> WaitForNumber(Notifier* notifier, const int* number) {
  while (*number == 0) {
    const bool woken = co_await notifier->Wait(Deadline::After(seconds(30)));
    if (!woken) co_return -1;
  }
  co_return *number;
}

TEST_CASE_METHOD(Fixture, "Notifier_WakesAWaiter") {
  Notifier notifier;
  int number = 0;
  loop.Post([&] {
    number = 7;
    notifier.NotifyAll();
  });
  CHECK(BlockOn(loop, WaitForNumber(&notifier, &number)) == 7);
}

Task<void> Append(Notifier* notifier, std::vector<int>* order, int id) {
  const bool woken = co_await notifier->Wait(Deadline::After(seconds(30)));
  if (woken) order->push_back(id);
}

Task<void> NotifyTwiceOneByOne(TaskGroup* group, Notifier* notifier, std::vector<int>* order) {
  for (int i = 0; i < 3; ++i) group->Spawn(Append(notifier, order, i));
  while (notifier->waiting() < 3) co_await Yield();
  notifier->NotifyOne();
  notifier->NotifyOne();
  while (order->size() < 2) co_await Yield();
}

TEST_CASE_METHOD(Fixture, "Notifier_NotifyOne_InOrderOfArrival_OthersStay") {
  Notifier notifier;
  std::vector<int> order;
  TaskGroup group(loop, "waiters");
  BlockOn(loop, NotifyTwiceOneByOne(&group, &notifier, &order));
  CHECK(order == std::vector<int>{0, 1});
  CHECK(BlockOn(loop, group.Drain(Deadline::After(seconds(30)))));
  CHECK(order.size() == 2);
}

Task<bool> WaitBriefly(Notifier* notifier) {
  return notifier->Wait(Deadline::After(milliseconds(1)));
}

TEST_CASE_METHOD(Fixture, "Notifier_Deadline_ReturnsFalse") {
  Notifier notifier;
  CHECK_FALSE(BlockOn(loop, WaitBriefly(&notifier)));
  CHECK(notifier.waiting() == 0);
}

Task<bool> WaitOnDying(Loop* loop, std::unique_ptr<Notifier>* notifier) {
  loop->Post([notifier] { notifier->reset(); });
  co_return co_await (*notifier)->Wait(Deadline::After(seconds(30)));
}

TEST_CASE_METHOD(Fixture, "Notifier_Destroyed_WakesItsWaitersWithFalse") {
  auto notifier = std::make_unique<Notifier>();
  CHECK_FALSE(BlockOn(loop, WaitOnDying(&loop, &notifier)));
}

Task<bool> WaitEvent(Event* event) {
  return event->Wait(Deadline::After(seconds(30)));
}

TEST_CASE_METHOD(Fixture, "Event_StaysSet") {
  Event event;
  loop.Post([&] { event.Set(); });
  CHECK(BlockOn(loop, WaitEvent(&event)));
  CHECK(BlockOn(loop, WaitEvent(&event)));
}

struct Gate {
  Semaphore semaphore{2};
  int inside = 0;
  int most = 0;
  int refused = 0;
};

Task<void> PassGate(Gate* gate) {
  auto permit = co_await gate->semaphore.Acquire(Deadline::After(seconds(30)));
  if (!permit) {
    ++gate->refused;
    co_return;
  }
  gate->most = std::max(gate->most, ++gate->inside);
  for (int i = 0; i < 5; ++i) co_await Yield();
  --gate->inside;
}

Task<void> WaitUntilIdle(TaskGroup* group) {
  while (group->active() > 0) co_await Yield();
}

TEST_CASE_METHOD(Fixture, "Semaphore_NeverMoreThanItsPermits") {
  Gate gate;
  TaskGroup group(loop, "gate");
  for (int i = 0; i < 50; ++i) group.Spawn(PassGate(&gate));
  BlockOn(loop, WaitUntilIdle(&group));
  CHECK(gate.most == 2);
  CHECK(gate.refused == 0);
}

Task<absl::StatusOr<int>> RunOnPool(BlockingPool* pool, std::thread::id* where) {
  const auto job = [where] {
    *where = std::this_thread::get_id();
    return 5;
  };
  co_return co_await pool->Run(Deadline::After(seconds(30)), job);
}

TEST_CASE_METHOD(Fixture, "BlockingPool_RunsElsewhere_ResumesOnTheLoop") {
  BlockingPool pool(loop, {.name = "test"});
  std::thread::id where;
  const auto result = BlockOn(loop, RunOnPool(&pool, &where));
  REQUIRE(result.ok());
  CHECK(*result == 5);
  CHECK(where != std::this_thread::get_id());
}

struct PoolRace {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
};

Task<absl::StatusOr<bool>> RunHeld(BlockingPool* pool, std::shared_future<void> held, Deadline deadline) {
  const auto job = [held] {
    held.wait();
    return true;
  };
  co_return co_await pool->Run(deadline, job);
}

Task<void> RunHeldInto(BlockingPool* pool, std::shared_future<void> held, Deadline deadline,
                       std::vector<absl::Status>* out) {
  const auto result = co_await RunHeld(pool, held, deadline);
  out->push_back(result.status());
}

Task<void> FillPool(TaskGroup* group, BlockingPool* pool, PoolRace* race, std::vector<absl::Status>* out) {
  // One runs, one waits, the third finds the queue full.
  group->Spawn(RunHeldInto(pool, race->released, Deadline::After(seconds(30)), out));
  while (pool->queued() > 0 || group->active() == 0) co_await Yield();
  for (int i = 0; i < 10; ++i) co_await Yield();
  while (pool->queued() > 0) co_await Yield();
  group->Spawn(RunHeldInto(pool, race->released, Deadline::After(seconds(30)), out));
  while (pool->queued() < 1) co_await Yield();
  group->Spawn(RunHeldInto(pool, race->released, Deadline::After(seconds(30)), out));
  while (out->empty()) co_await Yield();
  race->release.set_value();
  while (out->size() < 3) co_await Yield();
}

TEST_CASE_METHOD(Fixture, "BlockingPool_FullQueue_RefusesWithOverloaded") {
  BlockingPool pool(loop, {.name = "full", .threads = 1, .max_queued = 1});
  PoolRace race;
  std::vector<absl::Status> out;
  TaskGroup group(loop, "callers");
  BlockOn(loop, FillPool(&group, &pool, &race, &out));
  BlockOn(loop, WaitUntilIdle(&group));
  CHECK(core::ReasonOf(out[0]) == errors::v1::REASON_OVERLOADED);
  CHECK(out[1].ok());
  CHECK(out[2].ok());
}

TEST_CASE_METHOD(Fixture, "BlockingPool_Deadline_LeavesTheJobRunning") {
  PoolRace race;
  {
    BlockingPool pool(loop, {.name = "late"});
    const auto result = BlockOn(loop, RunHeld(&pool, race.released, Deadline::After(milliseconds(5))));
    CHECK(core::ReasonOf(result.status()) == errors::v1::REASON_DEADLINE_EXCEEDED);
    race.release.set_value();
  }
}

TEST_CASE("Loop_ReportsAHandlerThatHoldsIt") {
  std::promise<std::chrono::nanoseconds> told;
  std::atomic<bool> once{false};
  Loop loop({.name = "held", .warn_after = milliseconds(30), .on_blocked = [&](std::chrono::nanoseconds blocked) {
               if (!once.exchange(true)) told.set_value(blocked);
             }});
  loop.Start();
  // Blocking the loop is the subject here, so this one handler sleeps.
  loop.Post([] { std::this_thread::sleep_for(milliseconds(120)); });
  CHECK(told.get_future().get() >= milliseconds(30));
}

Task<int> WaitFor(std::shared_ptr<Completion> completion) {
  co_await completion->Wait(nullptr);
  co_return 1;
}

TEST_CASE_METHOD(Fixture, "Completion_ByAnotherThread_BeforeOrAfterTheWait") {
  for (int i = 0; i < 200; ++i) {
    auto completion = Completion::Create(loop);
    std::thread other([completion] { completion->Complete(); });
    CHECK(BlockOn(loop, WaitFor(completion)) == 1);
    other.join();
  }
}

Task<void> WaitCancelled(std::shared_ptr<Completion> completion, int* asked) {
  const std::function<void()> hurry = [completion, asked] {
    ++*asked;
    completion->Complete();
  };
  co_await completion->Wait(hurry);
}

TEST_CASE_METHOD(Fixture, "Completion_CancelledWaiter_HurriesTheOtherSide") {
  int asked = 0;
  TaskGroup group(loop, "hurry");
  group.Spawn(WaitCancelled(Completion::Create(loop), &asked));
  CHECK(BlockOn(loop, group.Drain(Deadline::After(seconds(30)))));
  CHECK(asked == 1);
}

Task<void> HoldValue(std::shared_ptr<Completion> completion, std::shared_ptr<int> held) {
  co_await completion->Wait(nullptr);
  *held = 2;
}

TEST_CASE("Completion_AfterTheLoopHasGone_IsIgnored") {
  auto loop = std::make_unique<Loop>();
  loop->Start();
  auto completion = Completion::Create(*loop);
  auto held = std::make_shared<int>(1);
  auto group = std::make_unique<TaskGroup>(*loop, "gone");
  group->Spawn(HoldValue(completion, held));
  BlockOn(*loop, Answer());
  core::SetLogSink([](std::string_view) {});
  group.reset();
  loop.reset();
  core::SetLogSink(nullptr);
  // The suspended frame went with the loop, not with the late completion.
  CHECK(held.use_count() == 1);
  completion->Complete();
  CHECK(*held == 1);
}

TEST_CASE("Loop_DestroyedWithSuspendedTasks_LeavesNothing") {
  bool full = true;
  Notifier notifier;
  auto loop = std::make_unique<Loop>();
  loop->Start();
  auto group = std::make_unique<TaskGroup>(*loop, "orphans");
  std::vector<int> order;
  group->Spawn(SleepLong(&full));
  group->Spawn(Append(&notifier, &order, 1));
  BlockOn(*loop, Answer());
  core::SetLogSink([](std::string_view) {});
  group.reset();
  loop.reset();
  core::SetLogSink(nullptr);
  CHECK(order.empty());
}

}  // namespace
}  // namespace haven::async
