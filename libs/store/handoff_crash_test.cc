// P2 under kill -9: whatever is killed, and when, every committed hand-off is applied exactly once and in order.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "libs/store/pg.h"
#include "libs/store/test_util.h"

extern char** environ;

namespace haven::store {
namespace {

constexpr int kRounds = 36;      // each kills one of the two processes
constexpr int kServerEvery = 6;  // and every so often PostgreSQL instead

class Child {
 public:
  Child(const std::string& dsn, int instance, int seed, const char* mode) {
    const std::string name = "instance-" + std::to_string(instance), number = std::to_string(seed);
    const char* argv[] = {HAVEN_HANDOFF_HELPER, dsn.c_str(), name.c_str(), number.c_str(), mode, nullptr};
    REQUIRE(posix_spawn(&pid_, argv[0], nullptr, nullptr, const_cast<char**>(argv), environ) == 0);
  }
  ~Child() { Kill9(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void Kill9() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  int WaitExit() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
};

class Watcher {
 public:
  explicit Watcher(const testing::PostgresCluster& cluster) : dsn_(cluster.dsn()) {}
  // The first value of the first row; reconnects as needed.
  std::int64_t Ask(const std::string& sql) {
    const auto deadline = core::Deadline::After(60s);
    while (!deadline.Expired()) {
      if (!connection_) {
        auto opened = OpenPlain(dsn_, 5s);
        if (opened.ok()) connection_ = *std::move(opened);
      }
      if (connection_) {
        const auto result = Exec(connection_.get(), sql);
        if (result.ok()) return std::stoll(PQgetvalue(result->get(), 0, 0));
        connection_.reset();
      }
      std::this_thread::yield();
    }
    FAIL("PostgreSQL does not answer");
    return 0;
  }

 private:
  std::string dsn_;
  PgConnection connection_;
};

std::vector<Migration> Tables() {
  auto out = CommonTables("caller");
  for (auto& m : CommonTables("callee")) out.push_back(std::move(m));
  out.push_back({"caller", kFirstServiceVersion, "test",
                 "CREATE TABLE counter(aggregate text PRIMARY KEY, n bigint);"
                 "CREATE TABLE committed(aggregate text, n bigint, PRIMARY KEY (aggregate, n));"
                 "CREATE TABLE fallen(aggregate text, n bigint)"});
  // No key: applying twice must be seen, not prevented.
  out.push_back({"callee", kFirstServiceVersion, "test",
                 "CREATE TABLE applied(place bigint GENERATED ALWAYS AS IDENTITY, aggregate text, n bigint)"});
  return out;
}

TEST_CASE("Handoff_KilledNineAtAnyMoment_EveryCommittedOneIsAppliedOnceAndInOrder") {
  testing::PostgresCluster cluster;
  REQUIRE(Migrate(cluster.dsn(), Tables()).ok());
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::minstd_rand random(seed);
  Watcher watcher(cluster);
  std::unique_ptr<Child> children[2];
  int started = 0;
  const auto start = [&](int i) { children[i] = std::make_unique<Child>(cluster.dsn(), i, ++started, "run"); };
  start(0);
  start(1);
  for (int round = 1; round <= kRounds; ++round) {
    // A random amount of work further on, whatever is then half done is cut off.
    const auto target = watcher.Ask("SELECT count(*) FROM callee.applied") + 1 + random() % 40;
    const auto deadline = core::Deadline::After(60s);
    while (watcher.Ask("SELECT count(*) FROM callee.applied") < static_cast<std::int64_t>(target)) {
      REQUIRE_FALSE(deadline.Expired());
    }
    if (round % kServerEvery == 0) {
      cluster.Kill9();
      cluster.Start();
    } else {
      const int i = static_cast<int>(random() % 2);
      children[i]->Kill9();
      start(i);
    }
  }
  children[0].reset();
  children[1].reset();
  CHECK(Child(cluster.dsn(), 0, ++started, "finish").WaitExit() == 0);

  INFO("committed " << watcher.Ask("SELECT count(*) FROM caller.committed") << ", applied "
                    << watcher.Ask("SELECT count(*) FROM callee.applied") << ", refused "
                    << watcher.Ask("SELECT count(*) FROM caller.fallen") << ", left "
                    << watcher.Ask("SELECT count(*) FROM caller.outbox"));
  CHECK(watcher.Ask("SELECT count(*) FROM caller.committed") > 2 * kRounds);
  CHECK(watcher.Ask("SELECT count(*) FROM caller.outbox") == 0);
  // Exactly once, to the callee or to the fall-back.
  CHECK(watcher.Ask("SELECT count(*) FROM (SELECT aggregate, n FROM callee.applied UNION ALL SELECT aggregate, n FROM"
                    " caller.fallen) done FULL JOIN caller.committed c USING (aggregate, n)"
                    " GROUP BY aggregate, n HAVING count(*) <> 1 OR bool_or(c IS NULL) UNION ALL SELECT 0 LIMIT 1") ==
        0);
  CHECK(watcher.Ask("SELECT count(*) FROM caller.committed WHERE (aggregate, n) NOT IN (SELECT aggregate, n FROM"
                    " callee.applied UNION ALL SELECT aggregate, n FROM caller.fallen)") == 0);
  CHECK(watcher.Ask("SELECT count(*) FROM caller.fallen WHERE n % 7 <> 0") == 0);
  // In order.
  CHECK(watcher.Ask("SELECT count(*) FROM (SELECT n, lag(n) OVER (PARTITION BY aggregate ORDER BY place) AS before FROM"
                    " callee.applied) o WHERE n <= before") == 0);
}

}  // namespace
}  // namespace haven::store
