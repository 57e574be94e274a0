#include "libs/async/loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <thread>
#include <utility>

#include "libs/async/loop_internal.h"
#include "libs/core/log.h"

namespace haven::async {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBeat{20};

// What the kernel keeps of the calling thread: time on a processor, and time spent ready while another had it.
struct ThreadTimes {
  std::chrono::nanoseconds on_cpu{0};
  std::chrono::nanoseconds waited{0};
};

class ThreadClock {
 public:
  // On the thread to be watched.
  void Open() { fd_ = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC); }
  ~ThreadClock() {
    if (fd_ >= 0) ::close(fd_);
  }
  ThreadTimes Read() const {
    char text[96] = {};
    unsigned long long on_cpu = 0;
    unsigned long long waited = 0;
    if (fd_ < 0 || ::pread(fd_, text, sizeof text - 1, 0) <= 0 ||
        std::sscanf(text, "%llu %llu", &on_cpu, &waited) != 2) {
      return {};
    }
    return {std::chrono::nanoseconds(on_cpu), std::chrono::nanoseconds(waited)};
  }

 private:
  int fd_ = -1;
};

}  // namespace

struct Loop::Impl {
  explicit Impl(LoopOptions o)
      : options(std::move(o)), guard(asio::make_work_guard(io)), beat(io), gate(std::make_shared<internal::Gate>(io)) {}

  void Run() {
    thread_id.store(std::this_thread::get_id());
    thread_clock.Open();
    pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
    ArmBeat();
    io.run();
    thread_id.store(std::thread::id());
  }

  // A timer that comes late tells how long something else held the loop, at no cost per handler.
  void ArmBeat() {
    const auto due = SteadyClock::now() + kBeat;
    beat.expires_at(due);
    const auto before = thread_clock.Read();
    beat.async_wait([this, due, before](const boost::system::error_code& error) {
      if (error) return;
      const auto late = SteadyClock::now() - due;
      if (late > options.warn_after) Report(late, before);
      ArmBeat();
    });
  }

  // A machine that has no time for us is no handler's fault.
  void Report(std::chrono::nanoseconds late, const ThreadTimes& before) {
    const auto now = thread_clock.Read();
    const auto starved = now.waited - before.waited;
    if (late - starved <= options.warn_after) {
      log.Debug("loop_starved", {{"late_ms", late}, {"starved_ms", starved}, {"loop", core::PlainText{options.name}}});
      return;
    }
    if (options.on_blocked) return options.on_blocked(late);
    // Little processor time within a long block means a blocking call.
    log.Warning("loop_blocked", {{"blocked_ms", late},
                                 {"cpu_ms", now.on_cpu - before.on_cpu},
                                 {"starved_ms", starved},
                                 {"loop", core::PlainText{options.name}}});
  }

  LoopOptions options;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  asio::steady_timer beat;
  ThreadClock thread_clock;
  const std::shared_ptr<internal::Gate> gate;
  std::thread thread;
  std::atomic<std::thread::id> thread_id;
  core::Logger log{"async"};
};

Loop::Loop(LoopOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Loop::~Loop() {
  Stop();
  impl_->gate->Close();
}

void Loop::Start() {
  impl_->thread = std::thread([impl = impl_.get()] { impl->Run(); });
}

void Loop::Run() {
  impl_->Run();
}

void Loop::Stop() {
  impl_->io.stop();
  if (impl_->thread.joinable() && impl_->thread.get_id() != std::this_thread::get_id()) impl_->thread.join();
}

void Loop::Post(absl::AnyInvocable<void()> work) {
  asio::post(impl_->io, std::move(work));
}

bool Loop::OnLoopThread() const {
  return impl_->thread_id.load() == std::this_thread::get_id();
}

namespace internal {

bool Gate::Post(absl::AnyInvocable<void()>& work) {
  std::lock_guard lock(mutex_);
  if (context_ == nullptr) return false;
  asio::post(*context_, std::move(work));
  return true;
}

void Gate::Close() {
  {
    std::lock_guard lock(mutex_);
    context_ = nullptr;
  }
  // Destroying a frame may destroy others that wait here.
  while (!waits.empty()) {
    auto handler = std::move(waits.front().handler);
    waits.pop_front();
  }
}

std::shared_ptr<Gate> GateOf(Loop& loop) {
  return loop.impl_->gate;
}

}  // namespace internal

bool Poster::Post(absl::AnyInvocable<void()> work) const {
  return gate_->Post(work);
}

asio::any_io_executor Loop::executor() {
  return impl_->io.get_executor();
}

}  // namespace haven::async
