#include "services/routing/store/engine.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/routing/store/commands.h"

namespace haven::routing {
namespace {

using core::MakeError;

absl::Status Bug(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, "routing engine: " + std::string(what));
}

absl::Status StatusOf(Code code) {
  switch (code) {
    case Code::kOk:
    case Code::kSame:
    case Code::kStale:
      return absl::OkStatus();
    case Code::kLostRace:
      return MakeError(absl::StatusCode::kAborted, errors::v1::REASON_LOST_RACE, "the offer is over");
    case Code::kWrongState:
      return MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                       "the offer is being accepted");
    case Code::kNotFound:
      return MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, "no such agent in routing");
    case Code::kUnknownLane:
      return MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                       "no such lane in the configuration");
    case Code::kBusy:
      return MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE, "still in use");
    case Code::kLimit:
      return MakeError(absl::StatusCode::kResourceExhausted, errors::v1::REASON_OVERLOADED,
                       "too many connections of one agent");
    case Code::kRestoring:
      return MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_RESTORING, "live state is being restored");
  }
  return Bug("unknown code");
}

std::int64_t Ms(absl::Time t) {
  return absl::ToUnixMillis(t);
}

bool Read(const std::string& text, std::int64_t& out) {
  return absl::SimpleAtoi(text, &out);
}
bool Read(const std::string& text, Span& out) {
  std::int64_t n = 0;
  if (!Read(text, n)) return false;
  out = Span(n);
  return true;
}
bool Read(const std::string& text, Time& out) {
  Span span{0};
  if (!Read(text, span)) return false;
  out = Time(span);
  return true;
}

constexpr std::size_t kSlotFields = 9;

// The nine fields of one slot, as read_agent.lua says.
bool ReadSlot(const std::string* f, LiveAgent& agent) {
  std::int64_t epoch = 0, number = 0;
  Time enqueued_at;
  Span remaining{0};
  if (!Read(f[4], epoch) || !Read(f[5], number) || !Read(f[6], enqueued_at) || !Read(f[7], remaining)) return false;
  const ContactId contact(f[1]);
  if (f[0] == "o" || f[0] == "a") {
    agent.offers.push_back({.reservation = {contact, epoch, number},
                            .conversation = ConversationId(f[2]),
                            .queue = QueueId(f[3]),
                            .enqueued_at = enqueued_at,
                            .remaining = remaining,
                            .accepting = f[0] == "a",
                            .direct = f[8] == "1"});
  } else {
    agent.assignments.push_back({.contact = contact,
                                 .conversation = ConversationId(f[2]),
                                 .queue = QueueId(f[3]),
                                 .epoch = epoch,
                                 .wrap_up = f[0] == "w",
                                 .remaining = remaining});
  }
  return true;
}

const Scripts& AllScripts() {
  static const Scripts* scripts = new Scripts;
  return *scripts;
}

}  // namespace

// A script's answer: its code and what follows.
struct Engine::Answer {
  Code code = Code::kOk;
  bool more = false;
  std::vector<std::string> fields;  // all of the reply; the answer's own from index 2
};

Engine::Engine(Evaluator& evaluator, const core::Clock& clock, std::string hub, const LaneSource& lanes,
               std::function<void()> wake)
    : evaluator_(evaluator),
      clock_(clock),
      prefix_(command::Prefix(hub)),
      events_(command::Events(hub)),
      lanes_(lanes),
      wake_(std::move(wake)) {}

async::Task<absl::StatusOr<Engine::Answer>> Engine::Run(core::Deadline deadline, command::Command command) {
  std::vector<std::string> args;
  args.reserve(command.args.size() + 1);
  args.push_back(absl::StrCat(Ms(clock_.Now())));
  for (std::string& arg : command.args) args.push_back(std::move(arg));
  std::vector<std::string> keys{prefix_, events_};
  auto reply = co_await evaluator_.Eval(deadline, AllScripts().of(command.step), std::move(keys), std::move(args));
  if (!reply.ok()) co_return reply.status();
  const std::optional<Code> code = reply->size() < 2 ? std::nullopt : command::ParseCode((*reply)[0]);
  if (!code) co_return Bug("unreadable answer of a script");
  Answer answer{*code, (*reply)[1] == "1", *std::move(reply)};
  if (answer.more && command.step != Step::kTick && wake_) wake_();
  co_return answer;
}

async::Task<absl::Status> Engine::Do(core::Deadline deadline, command::Command command) {
  const auto answer = co_await Run(deadline, std::move(command));
  co_return answer.ok() ? StatusOf(answer->code) : answer.status();
}

async::Task<absl::Status> Engine::UpsertLane(core::Deadline deadline, LaneSpec lane) {
  if (lane.profiles.size() > kMaxProfilesPerLane) co_return Bug("lane with too many profiles");
  co_return co_await Do(deadline, command::UpsertLane(lane));
}

async::Task<absl::Status> Engine::RemoveLane(core::Deadline deadline, LaneId lane, std::int64_t revision) {
  co_return co_await Do(deadline, command::RemoveLane(lane, revision));
}

async::Task<absl::Status> Engine::UpsertAgent(core::Deadline deadline, AgentSpec agent) {
  co_return co_await Do(deadline, command::UpsertAgent(agent));
}

async::Task<absl::Status> Engine::RemoveAgent(core::Deadline deadline, AgentId agent, std::int64_t revision) {
  co_return co_await Do(deadline, command::RemoveAgent(agent, revision));
}

async::Task<absl::StatusOr<ProjectOutcome>> Engine::Project(core::Deadline deadline, LedgerRow row) {
  row.lane_revision = lanes_.lane_revision();
  const command::Command project = command::Project(row);
  // Each refusal names one lane that Redis does not know: the row's own or one of its relaxation.
  for (std::size_t tries = 0; tries <= row.relax.size() + 1; ++tries) {
    const auto answer = co_await Run(deadline, project);
    if (!answer.ok()) co_return answer.status();
    if (answer->code == Code::kOk) co_return ProjectOutcome::kApplied;
    if (answer->code == Code::kSame) co_return ProjectOutcome::kSame;
    if (answer->code == Code::kStale) co_return ProjectOutcome::kStale;
    if (answer->code != Code::kUnknownLane || answer->fields.size() < 3) co_return Bug("answer of project");
    const std::optional<LaneSpec> lane = lanes_.FindLane(LaneId(answer->fields[2]));
    if (!lane) co_return StatusOf(Code::kUnknownLane);
    const absl::Status known = co_await UpsertLane(deadline, *lane);
    if (!known.ok()) co_return known;
  }
  co_return Bug("a lane stays unknown");
}

async::Task<absl::StatusOr<AcceptTicket>> Engine::AcceptBegin(core::Deadline deadline, Reservation reservation,
                                                              AgentId agent) {
  const auto answer = co_await Run(deadline, command::AcceptBegin(reservation, agent));
  if (!answer.ok()) co_return answer.status();
  if (answer->code != Code::kOk) co_return StatusOf(answer->code);
  AcceptTicket ticket{.contact = reservation.contact, .epoch = reservation.epoch};
  if (answer->fields.size() != 4 || !Read(answer->fields[2], ticket.sequence)) co_return Bug("answer of accept_begin");
  ticket.confirmed = answer->fields[3] == "1";
  co_return ticket;
}

async::Task<absl::Status> Engine::AcceptUndo(core::Deadline deadline, Reservation reservation) {
  co_return co_await Do(deadline, command::AcceptUndo(reservation));
}

async::Task<absl::Status> Engine::Decline(core::Deadline deadline, Reservation reservation, AgentId agent, Span hold) {
  co_return co_await Do(deadline, command::Decline(reservation, agent, hold));
}

async::Task<absl::Status> Engine::Revoke(core::Deadline deadline, Reservation reservation, Span hold) {
  co_return co_await Do(deadline, command::Revoke(reservation, hold));
}

async::Task<absl::Status> Engine::SetWrapUp(core::Deadline deadline, WrapUp wrap_up, ContactId contact) {
  co_return co_await Do(deadline, command::SetWrapUp(wrap_up, contact));
}

async::Task<absl::StatusOr<ActivityChange>> Engine::SetActivity(core::Deadline deadline, AgentId agent,
                                                                Activity activity) {
  const auto answer = co_await Run(deadline, command::SetActivity(agent, activity, 0));
  if (!answer.ok()) co_return answer.status();
  if (const absl::Status status = StatusOf(answer->code); !status.ok()) co_return status;
  ActivityChange change;
  const auto& f = answer->fields;
  if (f.size() != 6 || !Read(f[4], change.version) || !Read(f[5], change.since))
    co_return Bug("answer of set_activity");
  change.activity = Activity{f[2], f[3] == "1"};
  co_return change;
}

async::Task<absl::Status> Engine::RestoreActivity(core::Deadline deadline, AgentId agent, Activity activity,
                                                  std::int64_t version) {
  if (version <= 0) co_return Bug("an activity of the ledger has a version");
  co_return co_await Do(deadline, command::SetActivity(agent, activity, version));
}

async::Task<absl::StatusOr<bool>> Engine::AssertPresence(core::Deadline deadline, AgentId agent,
                                                         ConnectionId connection, std::int64_t lease, Span ttl) {
  const auto answer = co_await Run(deadline, command::Presence(agent, connection, lease, ttl, false));
  if (!answer.ok()) co_return answer.status();
  if (answer->code == Code::kStale) co_return false;
  if (const absl::Status status = StatusOf(answer->code); !status.ok()) co_return status;
  co_return true;
}

async::Task<absl::Status> Engine::ReleasePresence(core::Deadline deadline, AgentId agent, ConnectionId connection,
                                                  std::int64_t lease, Span grace) {
  co_return co_await Do(deadline, command::Presence(agent, connection, lease, grace, true));
}

async::Task<absl::StatusOr<TickResult>> Engine::Tick(core::Deadline deadline, int limit) {
  auto answer = co_await Run(deadline, command::Tick(limit));
  if (!answer.ok()) co_return answer.status();
  auto effects = command::ParseEffects(answer->fields, 2);
  if (answer->code != Code::kOk || !effects) co_return Bug("answer of tick");
  co_return TickResult{*std::move(effects), answer->more};
}

async::Task<absl::StatusOr<Generation>> Engine::ReadGeneration(core::Deadline deadline) {
  auto answer = co_await Run(deadline, command::Generation("", ""));
  if (!answer.ok()) co_return answer.status();
  if (answer->fields.size() != 4) co_return Bug("answer of generation");
  co_return Generation{answer->fields[2], answer->fields[3]};
}

async::Task<absl::StatusOr<bool>> Engine::AcquireReconcile(core::Deadline deadline, std::string owner, Span ttl) {
  const auto answer = co_await Run(deadline, command::ReconcileLease(owner, ttl));
  if (!answer.ok()) co_return answer.status();
  co_return answer->code == Code::kOk;
}

async::Task<absl::Status> Engine::SetReady(core::Deadline deadline, Generation generation) {
  if (generation.value.empty()) co_return Bug("a generation has a name");
  co_return co_await Do(deadline, command::Generation(generation.value, generation.run_id));
}

async::Task<absl::Status> Engine::SweepAgent(core::Deadline deadline, AgentId agent) {
  co_return co_await Do(deadline, command::SweepAgent(agent));
}

async::Task<absl::StatusOr<LiveContactPage>> Engine::ListContacts(core::Deadline deadline, std::string cursor,
                                                                  int page_size) {
  const auto answer = co_await Run(deadline, command::ListContacts(cursor, page_size));
  if (!answer.ok()) co_return answer.status();
  const auto& f = answer->fields;
  if (f.size() < 3 || (f.size() - 3) % 4 != 0) co_return Bug("answer of list_contacts");
  LiveContactPage page{.contacts = {}, .next_cursor = f[2]};
  for (std::size_t i = 3; i < f.size(); i += 4) {
    LiveContact c{.contact = ContactId(f[i])};
    if (!Read(f[i + 1], c.epoch) || !Read(f[i + 2], c.sequence) || f[i + 3].size() != 1)
      co_return Bug("a live contact");
    c.state = f[i + 3][0];
    page.contacts.push_back(std::move(c));
  }
  co_return page;
}

async::Task<absl::StatusOr<LiveAgent>> Engine::ReadAgent(core::Deadline deadline, AgentId agent) {
  const auto answer = co_await Run(deadline, command::ReadAgent(agent));
  if (!answer.ok()) co_return answer.status();
  LiveAgent live{.agent = agent};
  if (answer->code == Code::kNotFound) co_return live;
  const auto& f = answer->fields;
  constexpr std::size_t kHead = 8;
  if (f.size() < kHead || (f.size() - kHead) % kSlotFields != 0) co_return Bug("answer of read_agent");
  live.known = true;
  live.activity = Activity{f[2], f[3] == "1"};
  live.present = f[6] == "1";
  if (!Read(f[4], live.activity_version) || !Read(f[5], live.activity_since) || !Read(f[7], live.version)) {
    co_return Bug("answer of read_agent");
  }
  for (std::size_t i = kHead; i < f.size(); i += kSlotFields) {
    if (!ReadSlot(&f[i], live)) co_return Bug("a slot of read_agent");
  }
  co_return live;
}

}  // namespace haven::routing
