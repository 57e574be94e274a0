#pragma once

// For the tests of libs/store.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "libs/async/block_on.h"
#include "libs/async/loop.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/store/database.h"
#include "libs/testing/postgres_fixture.h"

namespace haven::store {

using namespace std::chrono_literals;  // NOLINT: tests only

inline core::Deadline Soon() {
  return core::Deadline::After(10s);
}

// Counts by "name" and by "name/label". Written on the loop; read when that is at rest.
class RecordedMetrics final : public StoreMetrics {
 public:
  void Add(std::string_view counter, std::string_view label, double by) override {
    counts[std::string(counter)] += by;
    counts[std::string(counter) + "/" + std::string(label)] += by;
  }
  void Observe(std::string_view histogram, std::string_view label, double) override { Add(histogram, label, 1); }
  void Set(std::string_view gauge, std::string_view, double value) override { gauges[std::string(gauge)] = value; }
  void Note(std::string_view event, std::string_view detail) override {
    notes.emplace_back(std::string(event), std::string(detail));
  }

  std::map<std::string, double> counts, gauges;
  std::vector<std::pair<std::string, std::string>> notes;
};

// Runs `make` on the loop, where a Database must be made and destroyed.
template <class T>
async::Task<T> Called(std::function<T()> make) {
  co_return make();
}
template <class T>
T OnLoop(async::Loop& loop, std::function<T()> make) {
  return async::BlockOn(loop, Called<T>(std::move(make)));
}
inline async::Task<void> CalledVoid(std::function<void()> run) {
  run();
  co_return;
}
inline void OnLoop(async::Loop& loop, std::function<void()> run) {
  async::BlockOn(loop, CalledVoid(std::move(run)));
}

// A Database on a started loop, both torn down in the right order.
class Service {
 public:
  explicit Service(DatabaseOptions options, StoreMetrics* metrics = nullptr) {
    loop_.Start();
    OnLoop(loop_, [&] {
      database_ = std::make_unique<Database>(loop_.executor(), options, metrics ? *metrics : NoMetrics());
    });
  }
  ~Service() {
    OnLoop(loop_, [&] { database_.reset(); });
    loop_.Stop();
  }

  async::Loop& loop() { return loop_; }
  Database& db() { return *database_; }
  template <class T>
  T Run(async::Task<T> task) {
    return async::BlockOn(loop_, std::move(task));
  }
  void Run(async::Task<void> task) { async::BlockOn(loop_, std::move(task)); }
  absl::StatusOr<Rows> Query(const Statement& statement, Params params = {}) {
    return Run(database_->Query(Soon(), statement, std::move(params)));
  }

 private:
  async::Loop loop_;
  std::unique_ptr<Database> database_;
};

}  // namespace haven::store
