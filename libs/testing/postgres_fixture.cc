#include "libs/testing/postgres_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace haven::testing {
namespace {

namespace fs = std::filesystem;
using Args = std::vector<std::string>;

[[noreturn]] void Refuse(const std::string& what) {
  throw std::runtime_error("PostgresFixture: " + what);
}

fs::path ServerFolder() {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql")) {
    const auto bin = entry.path() / "bin";
    if (fs::exists(bin / "postgres") && (newest.empty() || bin > newest)) newest = bin;
  }
  if (newest.empty()) Refuse("no /usr/lib/postgresql/*/bin/postgres (Debian: postgresql-15)");
  return newest;
}

// The server refuses to run as root; it dies with this process, also if that is killed.
Args AsServerUser(Args command) {
  Args out = {"/usr/bin/setpriv", "--pdeathsig", "QUIT"};
  if (geteuid() == 0) out.insert(out.end(), {"--reuid", "postgres", "--regid", "postgres", "--init-groups"});
  out.push_back("--");
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

pid_t Spawn(const Args& args, const std::string& log) {
  std::vector<char*> argv;
  for (const auto& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) Refuse("cannot run " + args[0]);
  return pid;
}

// Processes whose parent is `parent`.
std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> out;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream in(entry.path() / "stat");
    const std::string stat((std::istreambuf_iterator<char>(in)), {});
    const auto end = stat.rfind(')');  // the name before it may hold anything
    if (end == std::string::npos || stat.size() < end + 4) continue;
    if (std::atoi(stat.c_str() + end + 4) == parent) out.push_back(std::atoi(name.c_str()));
  }
  return out;
}

// Any connection string with another database, as "key='value' ..." pairs.
std::string WithDatabase(const std::string& dsn, const std::string& database) {
  PQconninfoOption* options = PQconninfoParse(dsn.c_str(), nullptr);
  if (!options) Refuse("HAVEN_TEST_PG is no connection string");
  std::string out;
  for (auto* o = options; o->keyword; ++o) {
    if (!o->val || std::string_view(o->keyword) == "dbname") continue;
    out += std::string(o->keyword) + "='";
    for (const char* c = o->val; *c; ++c) {
      if (*c == '\'' || *c == '\\') out.push_back('\\');
      out.push_back(*c);
    }
    out += "' ";
  }
  PQconninfoFree(options);
  return out + "dbname='" + database + "'";
}

std::string ExecOnce(const std::string& dsn, const std::string& sql) {
  PGconn* connection = PQconnectdb(dsn.c_str());
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  PGresult* result = PQexec(connection, sql.c_str());
  const auto state = PQresultStatus(result);
  const std::string error = PQerrorMessage(connection);
  std::string out;
  if (state == PGRES_TUPLES_OK && PQntuples(result) > 0) out = PQgetvalue(result, 0, 0);
  PQclear(result);
  PQfinish(connection);
  if (state != PGRES_TUPLES_OK && state != PGRES_COMMAND_OK) Refuse(error + " in " + sql);
  return out;
}

PostgresCluster& ProcessCluster() {
  static PostgresCluster cluster;
  return cluster;
}

std::string FreshName() {
  static std::atomic<int> count{0};
  return "haven_test_" + std::to_string(getpid()) + "_" + std::to_string(++count) + "_" +
         std::to_string(std::random_device{}() % 1000000);
}

}  // namespace

struct PostgresCluster::State {
  fs::path bin = ServerFolder();
  fs::path folder;
  pid_t pid = -1;

  void Run(const Args& command) {
    int status = 0;
    waitpid(Spawn(AsServerUser(command), (folder / "log").string()), &status, 0);
    if (status != 0) Refuse(command[0] + " failed, see " + (folder / "log").string());
  }
  // Every process of the server is gone.
  void Reap(const std::vector<pid_t>& children) {
    waitpid(pid, nullptr, 0);
    pid = -1;
    for (const pid_t child : children) {
      while (kill(child, 0) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
};

PostgresCluster::PostgresCluster() : state_(std::make_unique<State>()) {
  std::string pattern = (fs::temp_directory_path() / "haven-pg-XXXXXX").string();
  if (!mkdtemp(pattern.data())) Refuse("no temporary folder");
  state_->folder = pattern;
  const passwd* user =
      geteuid() == 0 ? getpwnam("postgres") : nullptr;  // NOLINT(concurrency-mt-unsafe): no other thread reads it
  if (geteuid() == 0 && (!user || chown(pattern.c_str(), user->pw_uid, user->pw_gid) != 0)) {
    Refuse("no user postgres to run the server as");
  }
  chmod(pattern.c_str(), 0755);
  state_->Run({(state_->bin / "initdb").string(), "-D", pattern + "/data", "-U", "postgres", "-A", "trust", "-E",
               "UTF8", "--locale=C.UTF-8", "--no-instructions"});
  Start();
}

PostgresCluster::~PostgresCluster() {
  if (running()) StopImmediate();
  std::error_code ignored;
  fs::remove_all(state_->folder, ignored);
}

std::string PostgresCluster::dsn(const std::string& database) const {
  return "host='" + state_->folder.string() + "' port='5432' user='postgres' dbname='" + database + "'";
}

void PostgresCluster::Start() {
  if (running()) return;
  const auto folder = state_->folder.string();
  state_->pid =
      Spawn(AsServerUser({(state_->bin / "postgres").string(), "-D", folder + "/data", "-k", folder, "-p", "5432", "-c",
                          "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=100"}),
            folder + "/log");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (PQping(dsn().c_str()) != PQPING_OK) {
    if (waitpid(state_->pid, nullptr, WNOHANG) != 0) {
      state_->pid = -1;
      Refuse("the server ended, see " + folder + "/log");
    }
    if (std::chrono::steady_clock::now() > until) Refuse("the server does not answer, see " + folder + "/log");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void PostgresCluster::StopImmediate() {
  const auto children = ChildrenOf(state_->pid);
  kill(state_->pid, SIGQUIT);
  state_->Reap(children);
}

void PostgresCluster::Kill9() {
  kill(state_->pid, SIGSTOP);  // no new children meanwhile
  const auto children = ChildrenOf(state_->pid);
  for (const pid_t child : children) kill(child, SIGKILL);
  kill(state_->pid, SIGKILL);
  state_->Reap(children);
}

bool PostgresCluster::running() const {
  return state_->pid > 0;
}

PostgresFixture::PostgresFixture() : name_(FreshName()) {
  const char* given = std::getenv("HAVEN_TEST_PG");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  admin_dsn_ = given && *given ? WithDatabase(given, "postgres") : ProcessCluster().dsn();
  dsn_ = WithDatabase(admin_dsn_, name_);
  ExecOnce(admin_dsn_, "CREATE DATABASE " + name_);
}

PostgresFixture::~PostgresFixture() {
  try {
    ExecOnce(admin_dsn_, "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // A destructor cannot complain; a private cluster is removed as a whole anyway.
  }
}

void PostgresFixture::Migrate(const std::vector<std::string>& schemas, std::vector<store::Migration> migrations) {
  std::vector<store::Migration> all;
  for (const auto& schema : schemas) {
    for (auto& m : store::CommonTables(schema)) all.push_back(std::move(m));
  }
  for (auto& m : migrations) all.push_back(std::move(m));
  const auto status = store::Migrate(dsn_, std::move(all));
  if (!status.ok()) Refuse(std::string(status.message()));
}

std::string PostgresFixture::Exec(const std::string& sql) {
  return ExecOnce(dsn_, sql);
}

bool PostgresFixture::OthersWrite() {
  return Exec(
             "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND "
             "datname IS DISTINCT FROM current_database()") == "t";
}

}  // namespace haven::testing
