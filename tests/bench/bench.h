#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haven::bench {

using Clock = std::chrono::steady_clock;

// Where the hub under test is: made by tests/bench/run.
struct Stage {
  std::string folder;                             // private to the run; sockets, keys and data lie below it
  std::string postgres;                           // libpq connection string of a superuser
  std::string redis_socket;                       // path
  std::string hub_socket;                         // path
  std::string key;                                // an integrator's API key
  int chat_port = 0;                              // of the edge
  pid_t hub = 0, redis = 0, postgres_server = 0;  // process ids
};

// One line of JSON on standard output. `reference` is the aim, or what the value is compared with.
void Print(std::string_view bench, std::string_view name, std::string_view metric, double value, std::string_view unit,
           std::optional<double> reference = std::nullopt);
// To standard error; the run goes on.
void Note(const std::string& text);
// To standard error; the run ends with 1: an invariant or a precondition does not hold.
[[noreturn]] void Fail(const std::string& text);

// User and system time of a process so far, seconds.
double CpuOf(pid_t process);
// The same with all processes whose parent it is: PostgreSQL's.
double CpuOfChildren(pid_t process);
// Resident set, MB of a million bytes.
double ResidentMb(pid_t process);
// Seconds since the Unix epoch, as PostgreSQL tells them.
double WallNow();
double SecondsSince(Clock::time_point begun);
// `share` 0.5 is the median. Sorts; 0 for none.
double Percentile(std::vector<double>& values, double share);

// A blocking connection, for looking at what was committed. Ends the run when a statement fails.
class Postgres {
 public:
  explicit Postgres(const std::string& dsn);
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;
  std::vector<std::vector<std::string>> Rows(const std::string& sql);
  long Number(const std::string& sql);
  // Until every hand-off has been delivered; ends the run after `seconds`.
  void WaitDelivered(int seconds);

 private:
  struct Free;
  void* connection_;
};

// How often a second a block of 512 bytes can be appended and made durable in `folder`, for `seconds`.
double FdatasyncRate(const std::string& folder, double seconds);

int RunRouting(const Stage& stage);
int RunMessages(const Stage& stage);
int RunMemory(const Stage& stage);

}  // namespace haven::bench
