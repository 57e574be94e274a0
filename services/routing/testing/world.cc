#include "services/routing/testing/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace haven::routing::testing {
namespace {

constexpr int kContacts = 28;
constexpr int kAgents = 6;
const char* const kChannels[] = {"chat", "mail", "voice"};

std::string WordOf(Code code) {
  switch (code) {
    case Code::kOk:
      return "OK";
    case Code::kSame:
      return "SAME";
    case Code::kStale:
      return "STALE";
    case Code::kLostRace:
      return "LOST_RACE";
    case Code::kWrongState:
      return "WRONG_STATE";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kUnknownLane:
      return "UNKNOWN_LANE";
    case Code::kBusy:
      return "BUSY";
    case Code::kLimit:
      return "LIMIT";
    case Code::kRestoring:
      return "RESTORING";
  }
  return "?";
}

// Kinds of operations with their weights.
enum Kind {
  kEnqueue,
  kAcceptBegin,
  kAcceptCommit,
  kEndOffer,
  kUndo,
  kComplete,
  kAfterClosing,
  kTransfer,
  kChange,
  kAbandon,
  kAgain,
  kActivity,
  kPresence,
  kWrapUpMoved,
  kAgentConfig,
  kLaneConfig,
  kTick,
  kSweepAgent,
};
const int kWeights[] = {20, 16, 14, 6, 2, 10, 9, 4, 5, 3, 4, 10, 9, 3, 2, 2, 18, 2};

}  // namespace

Op RandomOp(std::mt19937& random) {
  static const int total = [] {
    int sum = 0;
    for (const int w : kWeights) sum += w;
    return sum;
  }();
  Op op;
  int at = static_cast<int>(random() % static_cast<unsigned>(total));
  while (at >= kWeights[op.kind]) at -= kWeights[op.kind++];
  op.a = random();
  op.b = random();
  op.c = random();
  op.d = random();
  const unsigned step = random() % 100;
  if (step < 30) {
    op.clock_step = 0;  // several operations within one millisecond
  } else if (step < 94) {
    op.clock_step = random() % 1500;
  } else if (step < 96) {
    op.clock_step = 9'000 + random() % 1000;
  } else if (step < 98) {
    op.clock_step = 10'001 + random() % 3'600'000;  // the clock jumps forward
  } else {
    op.clock_step = -static_cast<std::int64_t>(random() % 3'600'000);  // and back
  }
  return op;
}

World::World(int few) : few_(few), rows_(kContacts) {
  for (int i = 0; i < kContacts; ++i) {
    rows_[i].row.contact = ContactId("c" + std::to_string(i));
    rows_[i].row.conversation = ConversationId("v" + std::to_string(i));
  }
  for (int i = 0; i < kLanes; ++i) {
    const LaneSpec lane = Lane(i, 0b0110'1001u >> (i % 4));
    setup_.push_back(Answer(command::UpsertLane(lane), {WordOf(model_.UpsertLane(clock_, lane))}));
  }
  for (int i = 0; i < kAgents; ++i) {
    const AgentSpec agent = Agent(i, static_cast<std::uint32_t>(i));
    setup_.push_back(Answer(command::UpsertAgent(agent), {WordOf(model_.UpsertAgent(clock_, agent))}));
  }
  model_.SetReady(clock_);
  setup_.push_back(Answer(command::Generation("g1", "r1"), {"OK"}));
}

World::Done World::Answer(command::Command command, Words expected) {
  std::string text = absl::StrCat("at ", clock_.time_since_epoch().count(), " step ", static_cast<int>(command.step),
                                  " ", absl::StrJoin(command.args, " | "), " -> ", absl::StrJoin(expected, " "));
  return Done{std::move(command), clock_, std::move(expected), std::move(text)};
}

LaneSpec World::Lane(int index, std::uint32_t profiles) {
  LaneSpec lane{.lane = PickLane(static_cast<std::uint32_t>(index)),
                .revision = revision_,
                .queue = QueueId("q" + std::to_string(index / 3)),
                .channel = ChannelId(kChannels[index % 3]),
                .offer_time = Span(5'000 + 1'000 * index),
                .profiles = {}};
  for (int p = 0; p < 4; ++p) {
    if ((profiles >> p & 1) != 0) lane.profiles.emplace_back("p" + std::to_string(p));
  }
  return lane;
}

AgentSpec World::Agent(int index, std::uint32_t shape) {
  AgentSpec agent{.agent = PickAgent(static_cast<std::uint32_t>(index)),
                  .revision = revision_,
                  .profile = ProfileId("p" + std::to_string(shape % 4)),
                  .capacity = {}};
  agent.capacity.push_back({ChannelId("chat"), static_cast<int>(1 + shape / 4 % 3), {ChannelId("voice")}});
  if (shape % 5 != 0) agent.capacity.push_back({ChannelId("mail"), 1, {}});
  if (shape % 3 != 0) agent.capacity.push_back({ChannelId("voice"), 1, {ChannelId("chat"), ChannelId("mail")}});
  return agent;
}

void World::SetLane(LedgerRow& row, const LaneId& lane) {
  const int index = lane.value()[1] - '0';
  row.lane = lane;
  row.queue = QueueId("q" + std::to_string(index / 3));
  row.channel = ChannelId(kChannels[index % 3]);
}

World::Done World::Project(Row& r) {
  if (r.row.state == LedgerState::kQueued) {  // as far as it has relaxed by now
    r.row.lane = r.lane;
    r.row.relax.clear();
    for (const auto& [due, lane] : r.relax) {
      if (due <= model_.now()) {
        r.row.lane = lane;
      } else {
        r.row.relax.push_back({Span(due - model_.now()), lane});
      }
    }
  }
  if (r.row.wrap_up) r.row.wrap_up->remaining = Span(std::max<std::int64_t>(0, r.wrap_up_end - model_.now()));
  const Code code = model_.Project(clock_, r.row);
  return Answer(command::Project(r.row), {WordOf(code)});
}

std::optional<World::Done> World::Enqueue(const Op& op) {
  Row& r = Pick(op.a);
  if (r.exists && r.row.state != LedgerState::kGone) return std::nullopt;
  LedgerRow row;
  row.contact = r.row.contact;
  row.conversation = r.row.conversation;
  row.epoch = r.row.epoch + 1;
  row.sequence = r.row.sequence + 1;
  const std::uint32_t channel = op.a % kContacts % 3;  // a contact has one for ever
  SetLane(row, PickLane(channel + 3 * (op.b % 2)));
  std::vector<std::pair<std::int64_t, LaneId>> relax;
  // Few distinct values, so that ties are common.
  row.enqueued_at = Time(Span(1'790'000'000'000 + op.c % 8 * 1'000));
  row.head_start = Span(op.c / 8 % 3 * 2'000);
  row.strict = op.c / 24 % 10 == 0;
  row.age_adjust = Span(op.c / 240 % 2 * 1'000);
  if (op.d % 4 == 0) {
    row.preference = Preference{PickAgent(op.d / 4), Span(1'000 + op.d / 32 % 9'000), op.d / 8 % 2 == 0};
  }
  if (op.d / 64 % 3 == 0) {
    const int index = row.lane.value()[1] - '0';
    const std::int64_t due = model_.now() + 500 + op.d / 256 % 5'000;
    relax.emplace_back(due, PickLane(static_cast<std::uint32_t>(index + 3 < kLanes ? index + 3 : index % 3)));
    if (op.d / 512 % 2 == 0) relax.emplace_back(due + 2'000, row.lane);
  }
  if (op.d / 1024 % 6 == 0) row.holds.push_back({PickAgent(op.d / 4096), Span(2'000 + op.d / 8192 % 8'000)});
  r = Row{.row = row,
          .exists = true,
          .wrap_up_end = 0,
          .lane = row.lane,
          .relax = std::move(relax),
          .accept = {},
          .before = r.row};
  return Project(r);
}

std::optional<World::Done> World::AcceptBegin(const Op& op) {
  // Prefers a contact that is offered.
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& r = Pick(op.a + i);
    const auto c = model_.contacts().find(r.row.contact);
    if (c == model_.contacts().end()) continue;
    if (c->second.place != Model::Place::kOffered && op.c % 8 != 0) continue;
    Reservation reservation{c->first, c->second.epoch, c->second.reservation};
    AgentId agent = c->second.agent;
    if (op.b % 16 == 0) --reservation.number;
    if (op.b % 16 == 1) agent = PickAgent(op.d);
    if (op.b % 16 == 2) --reservation.epoch;
    const auto answer = model_.AcceptBegin(clock_, reservation, agent);
    Words expected{WordOf(answer.code)};
    if (answer.code == Code::kOk) {
      expected.push_back(absl::StrCat(answer.sequence));
      expected.push_back(answer.confirmed ? "1" : "0");
      if (!answer.confirmed) r.accept.emplace(reservation.epoch, agent);
    }
    return Answer(command::AcceptBegin(reservation, agent), std::move(expected));
  }
  return std::nullopt;
}

std::optional<World::Done> World::AcceptCommit(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& r = Pick(op.a + i);
    if (!r.accept) continue;
    const auto [epoch, agent] = *std::exchange(r.accept, std::nullopt);
    if (r.row.state != LedgerState::kQueued || r.row.epoch != epoch) continue;  // the compare-and-set fails
    const auto c = model_.contacts().find(r.row.contact);
    const bool held = c != model_.contacts().end() && c->second.agent == agent;
    if (!held) overloaded_.insert(agent.value());  // undone in between, the ledger decides
    r.before = r.row;
    ++r.row.epoch;
    ++r.row.sequence;
    r.row.state = LedgerState::kAssigned;
    r.row.agent = agent;
    r.row.preference.reset();
    r.row.relax.clear();
    r.relax.clear();
    r.row.holds.clear();
    r.row.wrap_up.reset();
    return Project(r);
  }
  return std::nullopt;
}

std::optional<World::Done> World::EndOffer(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    const auto c = model_.contacts().find(Pick(op.a + i).row.contact);
    if (c == model_.contacts().end()) continue;
    const bool offered = c->second.place == Model::Place::kOffered || c->second.place == Model::Place::kAccepting;
    if (!offered && op.c % 8 != 0) continue;
    Reservation reservation{c->first, c->second.epoch, c->second.reservation};
    if (op.b % 16 == 0) --reservation.number;
    const Span hold(op.d % 3 == 0 ? 0 : 1'000 + op.d / 3 % 20'000);
    if (op.b / 16 % 3 == 0) {
      return Answer(command::Revoke(reservation, hold), {WordOf(model_.Revoke(clock_, reservation, hold))});
    }
    const AgentId agent = op.b / 64 % 8 == 0 ? PickAgent(op.c) : c->second.agent;
    if (agent.empty()) return std::nullopt;
    return Answer(command::Decline(reservation, agent, hold),
                  {WordOf(model_.Decline(clock_, reservation, agent, hold))});
  }
  return std::nullopt;
}

std::optional<World::Done> World::Undo(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    const auto c = model_.contacts().find(Pick(op.a + i).row.contact);
    if (c == model_.contacts().end() || c->second.place != Model::Place::kAccepting) continue;
    const Reservation reservation{c->first, c->second.epoch, c->second.reservation};
    return Answer(command::AcceptUndo(reservation), {WordOf(model_.AcceptUndo(clock_, reservation))});
  }
  return std::nullopt;
}

std::optional<World::Done> World::Complete(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& r = Pick(op.a + i);
    if (!r.exists || r.row.state != LedgerState::kAssigned) continue;
    r.before = r.row;
    ++r.row.sequence;
    r.row.state = LedgerState::kClosing;
    if (op.b % 4 != 0) r.row.wrap_up = WrapUp{r.row.agent, r.row.epoch, {}};
    r.wrap_up_end = model_.now() + 500 + op.c % 20'000;
    return Project(r);
  }
  return std::nullopt;
}

std::optional<World::Done> World::AfterClosing(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& r = Pick(op.a + i);
    if (!r.exists || r.row.state != LedgerState::kClosing) continue;
    r.before = r.row;
    ++r.row.sequence;
    if (op.b % 4 == 0) {  // a newer message: the agent has it again
      ++r.row.epoch;
      r.row.state = LedgerState::kAssigned;
      overloaded_.insert(r.row.agent.value());
      r.row.wrap_up.reset();
    } else if (op.b % 4 == 1) {  // or the queue
      ++r.row.epoch;
      r.row.state = LedgerState::kQueued;
    } else {
      r.row.state = LedgerState::kGone;
      if (op.c % 3 == 0) r.wrap_up_end = std::min<std::int64_t>(r.wrap_up_end, model_.now() + op.d % 5'000);
      if (op.c % 5 == 0) r.row.wrap_up.reset();
    }
    return Project(r);
  }
  return std::nullopt;
}

std::optional<World::Done> World::Transfer(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& r = Pick(op.a + i);
    if (!r.exists || r.row.state != LedgerState::kAssigned) continue;
    r.before = r.row;
    const AgentId from = r.row.agent;
    if (op.c % 3 == 0) r.row.wrap_up = WrapUp{from, r.row.epoch, {}};
    r.wrap_up_end = model_.now() + 500 + op.c % 9'000;
    ++r.row.epoch;
    ++r.row.sequence;
    r.row.state = LedgerState::kQueued;
    const int channel = (r.row.lane.value()[1] - '0') % 3;
    r.lane = PickLane(static_cast<std::uint32_t>(channel + 3 * (op.b % 2)));
    r.relax.clear();
    r.row.holds = {{from, Span(1'000 + op.d % 30'000)}};
    if (op.b % 3 == 0) r.row.preference = Preference{PickAgent(op.d), Span(3'000), op.d % 2 == 0};
    return Project(r);
  }
  return std::nullopt;
}

std::optional<World::Done> World::Change(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& r = Pick(op.a + i);
    if (!r.exists || r.row.state != LedgerState::kQueued) continue;
    r.before = r.row;
    ++r.row.sequence;
    if (op.b % 2 == 0) r.row.head_start = Span(op.c % 5 * 2'000);
    if (op.b % 3 == 0) r.row.left = !r.row.left;
    if (op.b % 5 == 0) r.row.strict = !r.row.strict;
    if (op.b % 7 == 0) r.relax.clear();
    if (op.b % 11 == 0) r.row.lane_revision = std::max<std::int64_t>(0, revision_ - static_cast<int>(op.c % 12));
    return Project(r);
  }
  return std::nullopt;
}

std::optional<World::Done> World::Abandon(const Op& op) {
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& r = Pick(op.a + i);
    if (!r.exists || r.row.state == LedgerState::kGone) continue;
    if (r.row.state != LedgerState::kQueued && op.b % 4 != 0) continue;
    r.before = r.row;
    ++r.row.sequence;
    r.row.state = LedgerState::kGone;
    r.row.wrap_up.reset();
    return Project(r);
  }
  return std::nullopt;
}

std::optional<World::Done> World::Again(const Op& op) {
  Row& r = Pick(op.a);
  if (!r.exists) return std::nullopt;
  if (op.b % 3 == 0 && r.before && r.before->sequence > 0) {  // an old row arrives late
    const Code code = model_.Project(clock_, *r.before);
    return Answer(command::Project(*r.before), {WordOf(code)});
  }
  if (op.b % 5 == 0) {  // a new configuration leads it elsewhere
    r.lane = PickLane(static_cast<std::uint32_t>((r.lane.value()[1] - '0') % 3 + 3 * static_cast<int>(op.c % 2)));
    r.relax.clear();
  }
  return Project(r);
}

std::optional<World::Done> World::Activity(const Op& op) {
  const AgentId agent = PickAgent(op.a);
  const bool routable = op.b % 4 != 0;
  const haven::routing::Activity activity{routable ? "available" : "break", routable};
  std::int64_t version = 0;
  const auto known = model_.agents().find(agent);
  if (op.c % 5 == 0 && known != model_.agents().end()) {
    version = std::max<std::int64_t>(1, known->second.activity_version + static_cast<int>(op.d % 3) - 1);
  }
  const auto answer = model_.SetActivity(clock_, agent, activity, version);
  Words expected{WordOf(answer.code)};
  if (answer.code == Code::kOk || answer.code == Code::kSame) {
    expected.push_back(answer.activity.code);
    expected.push_back(answer.activity.routable ? "1" : "0");
    expected.push_back(absl::StrCat(answer.version));
    expected.push_back(absl::StrCat(answer.since));
  }
  return Answer(command::SetActivity(agent, activity, version), std::move(expected));
}

std::optional<World::Done> World::Presence(const Op& op) {
  const AgentId agent = PickAgent(op.a);
  const ConnectionId connection("n" + std::to_string(op.b % 2));
  std::int64_t& lease = leases_[agent.value() + connection.value()];
  const bool release = op.c % 4 == 0;
  std::int64_t number = release ? lease : ++lease;
  if (op.d % 10 == 0) number = std::max<std::int64_t>(0, number - 1);
  const Span lasts(release ? op.d % 3 * 1'000 : 5'000 + op.d % 25'000);
  const Code code = release ? model_.ReleasePresence(clock_, agent, connection, number, lasts)
                            : model_.AssertPresence(clock_, agent, connection, number, lasts);
  return Answer(command::Presence(agent, connection, number, lasts, release), {WordOf(code)});
}

std::optional<World::Done> World::WrapUpMoved(const Op& op) {
  for (int i = 0; i < 7; ++i) {
    const AgentId id = PickAgent(op.a + static_cast<std::uint32_t>(i));
    const auto agent = model_.agents().find(id);
    if (agent == model_.agents().end()) continue;
    for (const auto& [slot, value] : agent->second.slots) {
      if (value.kind != Model::SlotKind::kWrapUp) continue;
      const auto hash = slot.rfind('#');
      const ContactId contact(slot.substr(0, hash));
      const WrapUp wrap_up{id, std::stoll(slot.substr(hash + 1)), Span(op.b % 2 == 0 ? 0 : 500 + op.c % 9'000)};
      Row& r = rows_[std::stoul(contact.value().substr(1))];
      if (r.row.wrap_up) r.wrap_up_end = model_.now() + wrap_up.remaining.count();
      return Answer(command::SetWrapUp(wrap_up, contact), {WordOf(model_.SetWrapUp(clock_, wrap_up, contact))});
    }
  }
  return std::nullopt;
}

std::optional<World::Done> World::Agents(const Op& op) {
  const int index = static_cast<int>(op.a % 7);
  overloaded_.insert("a" + std::to_string(index));
  if (op.b % 8 != 0) ++revision_;
  const std::int64_t revision = op.b % 8 == 1 ? revision_ - 2 : revision_;
  if (op.c % 4 == 0) {
    const AgentId agent = PickAgent(static_cast<std::uint32_t>(index));
    return Answer(command::RemoveAgent(agent, revision), {WordOf(model_.RemoveAgent(clock_, agent, revision))});
  }
  AgentSpec spec = Agent(index, op.d);
  spec.revision = revision;
  return Answer(command::UpsertAgent(spec), {WordOf(model_.UpsertAgent(clock_, spec))});
}

std::optional<World::Done> World::Lanes(const Op& op) {
  ++revision_;
  const int index = static_cast<int>(op.a % kLanes);
  if (op.c % 4 == 0) {
    const LaneId lane = PickLane(static_cast<std::uint32_t>(index));
    return Answer(command::RemoveLane(lane, revision_), {WordOf(model_.RemoveLane(clock_, lane, revision_))});
  }
  LaneSpec lane = Lane(index, op.b);
  if (op.c % 8 == 1) lane.revision -= 2;
  return Answer(command::UpsertLane(lane), {WordOf(model_.UpsertLane(clock_, lane))});
}

World::Done World::TickOnce(int limit) {
  const auto answer = model_.Tick(clock_, limit);
  Words expected{"OK"};
  for (const Effect& e : answer.effects) {
    const bool check = e.kind == Effect::Kind::kAcceptCheck;
    for (const std::string& word : {std::string(check ? "accept_check" : "missed_offer"), e.reservation.contact.value(),
                                    absl::StrCat(e.reservation.epoch), absl::StrCat(e.reservation.number),
                                    e.agent.value(), absl::StrCat(e.activity_version)}) {
      expected.push_back(word);
    }
  }
  return Answer(command::Tick(limit), std::move(expected));
}

std::vector<World::Done> World::Sweep() {
  std::vector<Done> done;
  for (Row& r : rows_) {
    if (r.exists) done.push_back(Project(r));
  }
  for (int i = 0; i < 7; ++i) {
    const AgentId agent = PickAgent(static_cast<std::uint32_t>(i));
    done.push_back(Answer(command::SweepAgent(agent), {WordOf(model_.SweepAgent(clock_, agent))}));
  }
  return done;
}

std::optional<World::Done> World::Apply(const Op& op) {
  clock_ += Span(op.clock_step);
  switch (op.kind) {
    case kEnqueue:
      return Enqueue(op);
    case kAcceptBegin:
      return AcceptBegin(op);
    case kAcceptCommit:
      return AcceptCommit(op);
    case kEndOffer:
      return EndOffer(op);
    case kUndo:
      return Undo(op);
    case kComplete:
      return Complete(op);
    case kAfterClosing:
      return AfterClosing(op);
    case kTransfer:
      return Transfer(op);
    case kChange:
      return Change(op);
    case kAbandon:
      return Abandon(op);
    case kAgain:
      return Again(op);
    case kActivity:
      return Activity(op);
    case kPresence:
      return Presence(op);
    case kWrapUpMoved:
      return WrapUpMoved(op);
    case kAgentConfig:
      return Agents(op);
    case kLaneConfig:
      return Lanes(op);
    case kTick:
      return TickOnce(op.a % 4 == 0 ? few_ : 32);
    case kSweepAgent: {
      const AgentId agent = PickAgent(op.a);
      return Answer(command::SweepAgent(agent), {WordOf(model_.SweepAgent(clock_, agent))});
    }
    default:
      return std::nullopt;
  }
}

}  // namespace haven::routing::testing
