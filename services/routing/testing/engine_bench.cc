// What the engine costs Redis: whole lives of contacts, script by script over one pipelined connection, on a server of
// its own.
//   routing_engine_bench [waiting...]     default 50 500 5000
// Prints per case: lives and scripts per second, Redis CPU per life, and microseconds inside the server per script.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/testing/redis_fixture.h"
#include "services/routing/store/commands.h"
#include "services/routing/testing/connection.h"

namespace haven::routing::testing {
namespace {

constexpr int kAgents = 300;
constexpr int kAtOnce = 50;  // pipelined

struct Shape {
  int waiting = 5000;
  int lanes = 120;
  int profiles = 24;
  int serving = 8;  // profiles per lane
};

double Figure(const std::vector<std::string>& info, std::string_view name) {
  const std::string& text = info.at(0);
  const auto at = text.find(std::string(name));
  return at == text.npos ? 0 : std::strtod(text.c_str() + at + name.size(), nullptr);
}

class Bench {
 public:
  explicit Bench(const Shape& shape) : shape_(shape), redis_(server_.target()) {
    for (std::size_t i = 0; i < kSteps; ++i) redis_.Run({"SCRIPT", "LOAD", scripts_.of(static_cast<Step>(i)).text()});
    SetUp();
  }

  // Redis CPU of a script that does nothing, us: what the machine can do just now.
  double Yardstick() {
    const std::string sha = redis_.Run({"SCRIPT", "LOAD", "return {'OK'}"}).at(0);
    constexpr int kTimes = 20'000;
    const double before = Cpu();
    for (int done = 0; done < kTimes; done += kAtOnce) {
      for (int i = 0; i < kAtOnce; ++i) redis_.Append({"EVALSHA", sha, "2", prefix_, events_, "0"});
      for (int i = 0; i < kAtOnce; ++i) redis_.Read();
    }
    return (Cpu() - before) * 1e6 / kTimes;
  }

  void Run(int lives) {
    for (int done = 0; done < lives / 4; done += kAtOnce) Round(nullptr);  // warm
    redis_.Run({"CONFIG", "RESETSTAT"});
    std::map<std::string, std::array<double, 2>> steps;
    const double cpu = Cpu();
    const auto started = std::chrono::steady_clock::now();
    int done = 0;
    while (done < lives) done += Round(&steps);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    const double used = Cpu() - cpu;
    std::printf("an empty script: redis_cpu_us %.1f\n", Yardstick());
    double scripts = 0;
    for (const auto& [step, sum] : steps) scripts += sum[0];
    std::printf(
        "waiting %d, lanes %d, profiles %d (%d a lane): %.0f lives/s, %.0f scripts/s, redis_cpu_us %.0f a life\n",
        shape_.waiting, shape_.lanes, shape_.profiles, shape_.serving, done / seconds, scripts / seconds,
        used * 1e6 / done);
    for (const auto& [step, sum] : steps) std::printf("    %-14s %6.1f us\n", step.c_str(), sum[1] / sum[0]);
    if (std::getenv("HAVEN_BENCH_COMMANDS") != nullptr) {  // calls and microseconds of each command, a life
      const auto info = redis_.Run({"INFO", "commandstats"});
      for (const auto line : absl::StrSplit(info.at(0), '\n')) {
        const auto colon = line.find(':'), usec = line.find("usec=");
        if (!absl::StartsWith(line, "cmdstat_") || usec == line.npos) continue;
        const double calls = std::strtod(std::string(line.substr(colon + 7)).c_str(), nullptr);
        const double time = std::strtod(std::string(line.substr(usec + 5)).c_str(), nullptr);
        std::printf("    %-24s %6.2f calls %7.1f us\n", std::string(line.substr(8, colon - 8)).c_str(), calls / done,
                    time / done);
      }
    }
    std::fflush(stdout);
  }

 private:
  struct Offer {
    Reservation reservation;
    AgentId agent;
  };

  void Append(const command::Command& command) {
    std::vector<std::string> argv{"EVALSHA", scripts_.of(command.step).sha1(), "2", prefix_, events_, "0"};
    argv.insert(argv.end(), command.args.begin(), command.args.end());
    redis_.Append(argv);
  }

  void Read() {
    const auto reply = redis_.Read();
    if (reply.empty() || reply[0] != "OK") {
      std::printf("unexpected answer: %s\n", reply.empty() ? "none" : reply[0].c_str());
      std::exit(1);
    }
  }

  // Runs the commands as one pipeline; `name` takes the time inside the server.
  void Batch(const char* name, const std::vector<command::Command>& commands,
             std::map<std::string, std::array<double, 2>>* steps) {
    const double before = steps != nullptr ? Inside() : 0;
    for (const auto& command : commands) Append(command);
    for (std::size_t i = 0; i < commands.size(); ++i) Read();
    if (steps == nullptr) return;
    auto& sum = (*steps)[name];
    sum[0] += static_cast<double>(commands.size());
    sum[1] += Inside() - before;
  }

  double Inside() { return Figure(redis_.Run({"INFO", "commandstats"}), InsideName()); }
  std::string InsideName() {
    const auto info = redis_.Run({"INFO", "commandstats"});
    const auto at = info.at(0).find("cmdstat_evalsha:");
    if (at == std::string::npos) return "nothing";
    const auto end = info[0].find("usec=", at) + 5;
    return info[0].substr(at, end - at);
  }
  double Cpu() {
    const auto info = redis_.Run({"INFO", "cpu"});
    return Figure(info, "used_cpu_sys:") + Figure(info, "used_cpu_user:");
  }

  LaneId Lane(int i) const { return LaneId(absl::StrCat("q", i % 10, "|webchat|lang", i / 10, ":1")); }

  LedgerRow NewContact() {
    const int n = next_++;
    LedgerRow row;
    row.contact = ContactId(absl::StrCat("0190d3f4-aaaa-7bbb-8ccc-", absl::Dec(n, absl::kZeroPad12)));
    row.conversation = ConversationId(absl::StrCat("0190d3f4-dddd-7bbb-8ccc-", absl::Dec(n, absl::kZeroPad12)));
    row.epoch = 2;
    row.sequence = 1;
    const int lane = static_cast<int>(random_() % static_cast<unsigned>(shape_.lanes));
    row.queue = QueueId(absl::StrCat("q", lane % 10));
    row.channel = ChannelId("webchat");
    row.lane = Lane(lane);
    row.enqueued_at = Time(Span(1'790'000'000'000 + n));
    row.head_start = std::chrono::seconds(random_() % 3 * 60);
    rows_[row.contact] = row;
    return row;
  }

  void SetUp() {
    Append(command::Generation("g", "r"));
    Read();
    std::mt19937 fixed(7);
    for (int i = 0; i < shape_.lanes; ++i) {
      LaneSpec lane;
      lane.lane = Lane(i);
      lane.revision = 1;
      lane.queue = QueueId(absl::StrCat("q", i % 10));
      lane.channel = ChannelId("webchat");
      lane.offer_time = std::chrono::hours(1);
      std::vector<int> order(static_cast<std::size_t>(shape_.profiles));
      for (int p = 0; p < shape_.profiles; ++p) order[static_cast<std::size_t>(p)] = p;
      std::shuffle(order.begin(), order.end(), fixed);
      for (int p = 0; p < shape_.serving; ++p) {
        lane.profiles.emplace_back(absl::StrCat("profile", 1000 + order[static_cast<std::size_t>(p)]));
      }
      std::sort(lane.profiles.begin(), lane.profiles.end());
      Append(command::UpsertLane(lane));
      Read();
    }
    for (int i = 0; i < shape_.waiting; ++i) {
      Append(command::Project(NewContact()));
      Read();
    }
    for (int i = 0; i < kAgents; ++i) {
      AgentSpec agent;
      agent.agent = AgentId(absl::StrCat("0190d3f4-eeee-7bbb-8ccc-", absl::Dec(i, absl::kZeroPad12)));
      agent.revision = 1;
      agent.profile = ProfileId(absl::StrCat("profile", 1000 + i % shape_.profiles));
      agent.capacity = {{ChannelId("email"), 1, {}},
                        {ChannelId("voice"), 1, {ChannelId("email"), ChannelId("webchat")}},
                        {ChannelId("webchat"), 1, {ChannelId("voice")}}};
      Append(command::UpsertAgent(agent));
      Read();
      Append(command::SetActivity(agent.agent, {"available", true}, 0));
      Read();
      Append(command::Presence(agent.agent, ConnectionId("feed"), 1, std::chrono::hours(1), false));
      Read();
    }
    ReadOffers();
    while (static_cast<int>(rows_.size()) < shape_.waiting + kAgents) {
      Append(command::Project(NewContact()));
      Read();
    }
    ReadOffers();
  }

  // New offers, from the stream.
  void ReadOffers() {
    const auto flat = redis_.Run({"XRANGE", events_, "-", "+"});
    redis_.Run({"XTRIM", events_, "MAXLEN", "0"});
    for (std::size_t i = 0; i + 1 < flat.size(); ++i) {
      if (flat[i] != "k" || flat[i + 1] != "contact_offered") continue;
      Offer offer;
      // The next entry begins with its id, before "k".
      for (std::size_t j = i; j + 1 < flat.size() && flat[j + 1] != "k"; j += 2) {
        if (flat[j] == "r") offer.reservation = *Reservation::Parse(flat[j + 1]);
        if (flat[j] == "a") offer.agent = AgentId(flat[j + 1]);
      }
      offers_.push_back(offer);
    }
  }

  // Answers how many lives were lived.
  int Round(std::map<std::string, std::array<double, 2>>* steps) {
    const std::size_t n = std::min<std::size_t>(kAtOnce, offers_.size());
    const std::vector<Offer> taken(offers_.begin(), offers_.begin() + static_cast<std::ptrdiff_t>(n));
    offers_.erase(offers_.begin(), offers_.begin() + static_cast<std::ptrdiff_t>(n));
    std::vector<command::Command> enqueue, accept, confirm, complete, finish, end;
    for (const Offer& offer : taken) {
      enqueue.push_back(command::Project(NewContact()));
      accept.push_back(command::AcceptBegin(offer.reservation, offer.agent));
      LedgerRow row = rows_.at(offer.reservation.contact);
      rows_.erase(row.contact);
      row.agent = offer.agent;
      ++row.epoch;
      ++row.sequence;
      row.state = LedgerState::kAssigned;
      confirm.push_back(command::Project(row));
      ++row.sequence;
      row.state = LedgerState::kClosing;
      row.wrap_up = WrapUp{row.agent, row.epoch, std::chrono::minutes(2)};
      complete.push_back(command::Project(row));
      ++row.sequence;
      row.state = LedgerState::kGone;
      end.push_back(command::Project(row));
      finish.push_back(command::SetWrapUp({row.agent, row.epoch, Span(0)}, row.contact));
    }
    Batch("1 enqueue", enqueue, steps);
    Batch("2 accept", accept, steps);
    Batch("3 confirm", confirm, steps);
    Batch("4 complete", complete, steps);
    Batch("5 end", end, steps);
    Batch("6 finish+offer", finish, steps);
    ReadOffers();
    return static_cast<int>(n);
  }

  Shape shape_;
  haven::testing::RedisFixture server_;
  Connection redis_;
  Scripts scripts_;
  std::string prefix_ = command::Prefix("bench"), events_ = command::Events("bench");
  std::mt19937 random_{42};
  std::map<ContactId, LedgerRow> rows_;
  std::vector<Offer> offers_;
  int next_ = 0;
};

}  // namespace
}  // namespace haven::routing::testing

int main(int argc, char** argv) {
  using haven::routing::testing::Bench;
  using haven::routing::testing::Shape;
  const char* given = std::getenv("HAVEN_BENCH_LIVES");
  const int lives = given != nullptr ? std::atoi(given) : 10'000;
  std::vector<int> waiting;
  for (int i = 1; i < argc; ++i) waiting.push_back(std::atoi(argv[i]));
  if (waiting.empty()) waiting = {50, 500, 5000};
  for (const int n : waiting) Bench(Shape{.waiting = n}).Run(lives);
  Bench(Shape{.waiting = 5000, .lanes = 600, .profiles = 64, .serving = 64}).Run(lives);
  return 0;
}
