#include "tests/bench/bench.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace haven::bench {

void Print(std::string_view bench, std::string_view name, std::string_view metric, double value, std::string_view unit,
           std::optional<double> reference) {
  std::printf("{\"bench\": \"%.*s\", \"case\": \"%.*s\", \"metric\": \"%.*s\", \"value\": %.6g, \"unit\": \"%.*s\"",
              static_cast<int>(bench.size()), bench.data(), static_cast<int>(name.size()), name.data(),
              static_cast<int>(metric.size()), metric.data(), value, static_cast<int>(unit.size()), unit.data());
  if (reference) std::printf(", \"reference\": %.6g, \"ratio\": %.4g", *reference, value / *reference);
  std::printf("}\n");
  std::fflush(stdout);
}

void Note(const std::string& text) {
  std::fprintf(stderr, "[bench] %s\n", text.c_str());
}

void Fail(const std::string& text) {
  Note(text);
  std::_Exit(1);  // coroutines are under way: their owners are not taken down in order
}

double CpuOf(pid_t process) {
  clockid_t id;
  timespec t{};
  if (::clock_getcpuclockid(process, &id) != 0 || ::clock_gettime(id, &t) != 0) Fail("a process has gone");
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double CpuOfChildren(pid_t process) {
  double sum = CpuOf(process);
  std::ifstream children("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
  for (pid_t child = 0; children >> child;) sum += CpuOf(child);
  return sum;
}

double ResidentMb(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("VmRSS:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) * 1024 / 1e6;
  }
  Fail("the hub has gone");
}

double WallNow() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double SecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

double Percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

Postgres::Postgres(const std::string& dsn) : connection_(PQconnectdb(dsn.c_str())) {
  auto* connection = static_cast<PGconn*>(connection_);
  if (PQstatus(connection) != CONNECTION_OK) Fail(std::string("PostgreSQL: ") + PQerrorMessage(connection));
}

Postgres::~Postgres() {
  PQfinish(static_cast<PGconn*>(connection_));
}

std::vector<std::vector<std::string>> Postgres::Rows(const std::string& sql) {
  auto* connection = static_cast<PGconn*>(connection_);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, sql.c_str()), &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) Fail(sql + ": " + PQerrorMessage(connection));
  std::vector<std::vector<std::string>> rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (int k = 0; k < PQnfields(result.get()); ++k)
      rows[i].emplace_back(PQgetvalue(result.get(), static_cast<int>(i), k));
  }
  return rows;
}

long Postgres::Number(const std::string& sql) {
  return std::atol(Rows(sql).at(0).at(0).c_str());
}

void Postgres::WaitDelivered(int seconds) {
  const auto begun = Clock::now();
  while (Number("SELECT (SELECT count(*) FROM routing.outbox) + (SELECT count(*) FROM channels.outbox) + "
                "(SELECT count(*) FROM ivr.outbox)") > 0) {
    if (SecondsSince(begun) > seconds) Fail("hand-offs are not delivered");
    ::poll(nullptr, 0, 10);
  }
}

double FdatasyncRate(const std::string& folder, double seconds) {
  const std::string path = folder + "/fdatasync";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) Fail("cannot write to " + folder);
  const std::string block(512, 'x');
  long times = 0;
  const auto begun = Clock::now();
  while (SecondsSince(begun) < seconds) {
    if (::write(file, block.data(), block.size()) != 512 || ::fdatasync(file) != 0) Fail("cannot write to " + folder);
    ++times;
  }
  const double rate = static_cast<double>(times) / SecondsSince(begun);
  ::close(file);
  ::unlink(path.c_str());
  return rate;
}

}  // namespace haven::bench
