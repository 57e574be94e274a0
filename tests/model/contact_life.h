#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

// The life of a contact (docs/adr/0001) as a state machine small enough to explore whole: one conversation, a few
// messages, two agents. One action is one transaction, one script, or one step of an accept; a crash loses what is
// volatile.
namespace haven::model {

inline constexpr int kMaxMessages = 3;
inline constexpr int kMaxContacts = 3;
inline constexpr int kAgents = 2;

// Rules to break on purpose, so that the invariants are seen to bite.
enum class Mutant {
  kNone,
  kCloseWithoutLock,         // closing does not look for newer messages
  kAcceptWithoutEpoch,       // the ledger is set without comparing
  kRepeatApplied,            // callees forget what they have applied
  kEnqueueOvertakesFlow,     // a flow's hand-offs are dispatched in any order
  kResultOutsideTransaction  // the closing's answer is applied apart from removing its row
};

enum class Owner : std::int8_t { kFlow, kQueue, kAgent };
enum class Ledger : std::int8_t { kNone, kQueued, kAssigned, kClosing, kEnded };
enum class Place : std::int8_t { kNone, kWaiting, kReserved, kAccepting, kAssigned, kClosing };
enum class Session : std::int8_t { kNone, kRunning, kHandedOver, kEnded };
enum class RowKind : std::int8_t { kStep, kFlowSays, kFlowEnds, kEnqueue, kApplyOwner, kClose, kProject };

// One outbox row; `applied` is the callee's inbox, `result` what it recorded.
struct Row {
  RowKind kind;
  std::int8_t epoch = 0;
  std::int8_t argument = 0;  // message sequence, handled_through, or ledger sequence
  Owner owner = Owner::kQueue;
  std::int8_t agent = -1;
  bool applied = false;
  bool result = false;
};

struct Contact {
  bool exists = false, open = false;
  std::int8_t epoch = 0;
  Owner owner = Owner::kFlow;
  std::int8_t agent = -1;
  std::int8_t handled_through = 0;
  bool flow_said_all = true;
  // ivr
  Session session = Session::kNone;
  std::int8_t stepped_through = 0;
  // routing
  Ledger ledger = Ledger::kNone;
  std::int8_t ledger_epoch = 0, ledger_sequence = 0, ledger_agent = -1, ledger_handled = 0;
  // Redis
  Place place = Place::kNone;
  std::int8_t place_sequence = 0, place_agent = -1, place_epoch = 0;
  // Outboxes of the aggregate: one in flight per aggregate means the head alone is dispatched.
  std::vector<Row> from_channels, from_ivr, from_routing, projections;
};

// An accept between its script and its compare-and-set: volatile.
struct Accept {
  std::int8_t contact = -1, epoch = 0;
  bool written = false;
};

struct State {
  std::array<std::int8_t, kMaxMessages> message_contact{-1, -1, -1};
  std::int8_t messages = 0;
  std::array<Contact, kMaxContacts> contacts;
  std::array<Accept, kAgents> accepts;
  // Who was told "it is yours" for an epoch of a contact; two different agents for one epoch is a violation.
  std::array<std::array<std::int8_t, 8>, kMaxContacts> told{};
  std::int8_t faults_left = 2;

  std::string Key() const;
};

struct Step {
  std::string name;
  State next;
};

// Every action possible in `state`.
std::vector<Step> Successors(const State& state, Mutant mutant);

// What must hold in every state; empty when it does.
std::string Violation(const State& state);

// Brings everything that is under way to rest without new input; deterministic. What must hold then: see RestViolation.
State Drain(State state, Mutant mutant);
std::string RestViolation(const State& rested);

}  // namespace haven::model
