#include "tests/model/contact_life.h"

#include <utility>

namespace haven::model {
namespace {

Contact* OpenContact(State& s) {
  for (auto& c : s.contacts) {
    if (c.exists && c.open) return &c;
  }
  return nullptr;
}

int Index(const State& s, const Contact& c) {
  return static_cast<int>(&c - s.contacts.data());
}

int NewestOf(const State& s, int contact) {
  int newest = 0;
  for (int i = 0; i < s.messages; ++i) {
    if (s.message_contact[i] == contact) newest = i + 1;
  }
  return newest;
}

void LedgerChanged(Contact& c) {
  ++c.ledger_sequence;
  // Of projections that nobody has applied the first will read the newest ledger: one stands for all of them.
  if (!c.projections.empty() && !c.projections.back().applied) {
    c.projections.back().argument = c.ledger_sequence;
    return;
  }
  c.projections.push_back({.kind = RowKind::kProject, .argument = c.ledger_sequence});
}

void OwnerChanged(Contact& c, Owner owner) {
  c.from_routing.push_back(
      {.kind = RowKind::kApplyOwner, .epoch = c.ledger_epoch, .owner = owner, .agent = c.ledger_agent});
  LedgerChanged(c);
}

// ADR step 1.
bool PostMessage(State& s) {
  if (s.messages == kMaxMessages) return false;
  Contact* c = OpenContact(s);
  if (c == nullptr) {
    for (auto& fresh : s.contacts) {
      if (fresh.exists) continue;
      c = &fresh;
      c->exists = c->open = true;
      c->epoch = 1;
      c->owner = Owner::kFlow;
      break;
    }
    if (c == nullptr) return false;
  }
  s.message_contact[s.messages++] = static_cast<std::int8_t>(Index(s, *c));
  if (c->owner == Owner::kFlow) c->from_channels.push_back({.kind = RowKind::kStep, .argument = s.messages});
  return true;
}

bool Close(State& s, Contact& c, int handled_through, Mutant mutant) {
  if (!c.open) return true;
  if (mutant != Mutant::kCloseWithoutLock && NewestOf(s, Index(s, c)) > handled_through) return false;
  c.open = false;
  c.handled_through = static_cast<std::int8_t>(handled_through);
  return true;
}

// ADR step 2; what the flow decides is the explorer's choice.
enum class Decision { kAsk, kEnqueue, kEnd };
void FlowStep(Contact& c, const Row& row, Decision decision) {
  if (row.argument <= c.stepped_through) return;
  if (c.session == Session::kHandedOver) return;
  c.session = Session::kRunning;
  c.stepped_through = row.argument;
  if (decision == Decision::kAsk) c.from_ivr.push_back({.kind = RowKind::kFlowSays, .epoch = 1});
  if (decision == Decision::kEnqueue) {
    c.session = Session::kHandedOver;
    c.from_ivr.push_back({.kind = RowKind::kFlowSays, .epoch = 1});
    c.from_ivr.push_back({.kind = RowKind::kEnqueue, .epoch = 1});
  }
  if (decision == Decision::kEnd) {
    c.session = Session::kEnded;
    c.from_ivr.push_back({.kind = RowKind::kFlowEnds, .epoch = 1, .argument = row.argument});
  }
}

// The callee's transaction for one row.
void Apply(State& s, Contact& c, Row& row, Mutant mutant) {
  switch (row.kind) {
    case RowKind::kStep:
      break;  // FlowStep: it branches
    case RowKind::kFlowSays:
      if (c.epoch > row.epoch) c.flow_said_all = false;
      break;
    case RowKind::kFlowEnds:
      if (c.epoch == row.epoch) row.result = Close(s, c, row.argument, mutant);
      break;
    case RowKind::kEnqueue:
      if (c.ledger_epoch > row.epoch && mutant != Mutant::kRepeatApplied) break;
      c.ledger = Ledger::kQueued;
      c.ledger_epoch = static_cast<std::int8_t>(row.epoch + 1);
      c.ledger_agent = -1;
      OwnerChanged(c, Owner::kQueue);
      break;
    case RowKind::kApplyOwner:
      if (row.epoch <= c.epoch) break;
      c.epoch = row.epoch;
      c.owner = row.owner;
      c.agent = row.agent;
      break;
    case RowKind::kClose:
      row.result = Close(s, c, row.argument, mutant);
      break;
    case RowKind::kProject: {
      if (row.argument <= c.place_sequence) break;
      // The row carries no body: it reads the ledger, which may be newer still.
      c.place_sequence = c.ledger_sequence;
      c.place_agent = c.ledger_agent;
      c.place_epoch = c.ledger_epoch;
      c.place = c.ledger == Ledger::kQueued     ? Place::kWaiting
                : c.ledger == Ledger::kAssigned ? Place::kAssigned
                : c.ledger == Ledger::kClosing  ? Place::kClosing
                                                : Place::kNone;
      break;
    }
  }
}

// The caller's transaction that removes an answered row: for a closing it takes the ledger on.
void Finish(Contact& c, const Row& row) {
  if (row.kind != RowKind::kClose || c.ledger != Ledger::kClosing || c.ledger_epoch != row.epoch) return;
  if (row.result) {
    c.ledger = Ledger::kEnded;
    LedgerChanged(c);
    return;
  }
  c.ledger = Ledger::kAssigned;
  ++c.ledger_epoch;
  OwnerChanged(c, Owner::kAgent);
}

void Reconcile(State& s) {
  for (auto& c : s.contacts) {
    if (!c.exists || c.ledger == Ledger::kNone) continue;
    c.place_sequence = 0;
    Row row{.kind = RowKind::kProject, .argument = c.ledger_sequence};
    Apply(s, c, row, Mutant::kNone);
  }
}

// ADR step 5b.
bool WriteAccept(State& s, int agent, Mutant mutant) {
  Accept& accept = s.accepts[agent];
  if (accept.contact < 0 || accept.written) return false;
  Contact& c = s.contacts[accept.contact];
  const bool mine = c.ledger == Ledger::kQueued && c.ledger_epoch == accept.epoch;
  const bool blind = mutant == Mutant::kAcceptWithoutEpoch && c.ledger != Ledger::kNone && c.ledger != Ledger::kEnded;
  if (!mine && !blind) {
    accept = {};  // told: lost the race
    return true;
  }
  c.ledger = Ledger::kAssigned;
  c.ledger_epoch = static_cast<std::int8_t>(accept.epoch + 1);
  c.ledger_agent = static_cast<std::int8_t>(agent);
  OwnerChanged(c, Owner::kAgent);
  accept.written = true;
  auto& told = s.told[accept.contact][c.ledger_epoch & 7];
  // -1 marks two agents told the same epoch.
  told = static_cast<std::int8_t>(told == 0 || told == agent + 1 ? agent + 1 : -1);
  return true;
}

// The deadline of an accepting reservation (ADR step 5): reads the ledger.
void CheckAccepting(Contact& c) {
  const bool assigned = c.ledger != Ledger::kQueued || c.ledger_epoch != c.place_epoch;
  if (assigned) {
    c.place = Place::kAssigned;
    return;  // the projection under way brings epoch and agent
  }
  c.place = Place::kWaiting;
  c.place_agent = -1;
}

void OutboxSteps(const State& state, int i, std::vector<Row> Contact::*box, const char* name, Mutant mutant,
                 std::vector<Step>& out) {
  const auto& rows = state.contacts[i].*box;
  const std::size_t reach = mutant == Mutant::kEnqueueOvertakesFlow && box == &Contact::from_ivr ? rows.size() : 1;
  for (std::size_t at = 0; at < rows.size() && at < reach; ++at) {
    const std::string label = std::string(name) + std::to_string(i);
    if (!rows[at].applied) {
      const int branches = rows[at].kind == RowKind::kStep ? 3 : 1;
      for (int branch = 0; branch < branches; ++branch) {
        State next = state;
        Contact& c = next.contacts[i];
        Row row = (c.*box)[at];
        if (row.kind == RowKind::kStep)
          FlowStep(c, row, static_cast<Decision>(branch));
        else
          Apply(next, c, row, mutant);
        row.applied = mutant != Mutant::kRepeatApplied || row.kind != RowKind::kEnqueue;
        (c.*box)[at] = row;
        out.push_back({label + ".apply", next});
      }
      if (mutant != Mutant::kRepeatApplied || rows[at].kind != RowKind::kEnqueue) continue;
    }
    State next = state;
    Contact& c = next.contacts[i];
    const Row row = (c.*box)[at];
    if (mutant == Mutant::kResultOutsideTransaction && row.kind == RowKind::kClose && next.faults_left > 0) {
      State lost = state;  // crash between removing the row and taking the ledger on
      auto& lost_rows = lost.contacts[i].*box;
      lost_rows.erase(lost_rows.begin() + static_cast<std::ptrdiff_t>(at));
      --lost.faults_left;
      out.push_back({label + ".lost-answer", lost});
    }
    Finish(c, row);
    (c.*box).erase((c.*box).begin() + static_cast<std::ptrdiff_t>(at));
    out.push_back({label + ".remove", next});
  }
}

void EngineSteps(const State& state, int i, std::vector<Step>& out) {
  const Contact& c = state.contacts[i];
  const std::string label = std::to_string(i);
  for (int agent = 0; agent < kAgents; ++agent) {
    if (c.place == Place::kWaiting) {
      State next = state;
      next.contacts[i].place = Place::kReserved;
      next.contacts[i].place_agent = static_cast<std::int8_t>(agent);
      out.push_back({"offer" + label, next});
    }
    if (c.place == Place::kReserved && c.place_agent == agent && state.accepts[agent].contact < 0) {
      State next = state;
      next.contacts[i].place = Place::kAccepting;
      next.accepts[agent] = {static_cast<std::int8_t>(i), c.place_epoch, false};
      out.push_back({"accept.begin" + label, next});
    }
    if (c.ledger == Ledger::kAssigned && c.ledger_agent == agent) {
      for (int seen = NewestOf(state, i); seen >= NewestOf(state, i) - 1 && seen >= 0; --seen) {
        // Completing blindly again and again would raise epochs for ever.
        if (seen < NewestOf(state, i) && c.ledger_epoch > 3) continue;
        State next = state;
        Contact& d = next.contacts[i];
        d.ledger = Ledger::kClosing;
        d.ledger_handled = static_cast<std::int8_t>(seen);
        d.from_routing.push_back({.kind = RowKind::kClose, .epoch = d.ledger_epoch, .argument = d.ledger_handled});
        LedgerChanged(d);
        out.push_back({"complete" + label, next});
      }
      if (c.ledger_epoch < 4) {
        State next = state;
        Contact& d = next.contacts[i];
        d.ledger = Ledger::kQueued;
        ++d.ledger_epoch;
        d.ledger_agent = -1;
        OwnerChanged(d, Owner::kQueue);
        out.push_back({"transfer" + label, next});
      }
    }
  }
  if (c.place == Place::kReserved || c.place == Place::kAccepting) {
    if (state.faults_left == 0) return;
    State next = state;
    Contact& d = next.contacts[i];
    --next.faults_left;
    if (d.place == Place::kReserved) {
      d.place = Place::kWaiting;
      d.place_agent = -1;
    } else {
      CheckAccepting(d);
    }
    out.push_back({"deadline" + label, next});
  }
}

}  // namespace

std::vector<Step> Successors(const State& state, Mutant mutant) {
  std::vector<Step> out;
  if (State next = state; PostMessage(next)) out.push_back({"message", next});
  for (int i = 0; i < kMaxContacts; ++i) {
    if (!state.contacts[i].exists) continue;
    OutboxSteps(state, i, &Contact::from_channels, "channels", mutant, out);
    OutboxSteps(state, i, &Contact::from_ivr, "ivr", mutant, out);
    OutboxSteps(state, i, &Contact::from_routing, "routing", mutant, out);
    OutboxSteps(state, i, &Contact::projections, "project", mutant, out);
    EngineSteps(state, i, out);
  }
  for (int agent = 0; agent < kAgents; ++agent) {
    if (State next = state; WriteAccept(next, agent, mutant)) out.push_back({"accept.write", next});
    if (state.accepts[agent].written) {
      State next = state;
      const Accept accept = next.accepts[agent];
      Contact& c = next.contacts[accept.contact];
      if (c.place == Place::kAccepting && c.place_agent == agent && c.place_epoch == accept.epoch)
        c.place = Place::kAssigned;
      next.accepts[agent] = {};
      out.push_back({"accept.confirm", next});
    }
  }
  if (state.faults_left > 0) {
    State crashed = state;
    --crashed.faults_left;
    crashed.accepts = {};
    out.push_back({"crash", crashed});
    State lost = state;
    --lost.faults_left;
    for (auto& c : lost.contacts) {
      c.place = Place::kNone;
      c.place_sequence = c.place_epoch = 0;
      c.place_agent = -1;
    }
    Reconcile(lost);
    out.push_back({"live store lost", lost});
  }
  return out;
}

std::string Violation(const State& s) {
  int open = 0;
  for (int i = 0; i < kMaxContacts; ++i) {
    const Contact& c = s.contacts[i];
    if (!c.exists) continue;
    open += c.open;
    for (const auto agent : s.told[i]) {
      if (agent == -1) return "two agents were told that one epoch is theirs";
    }
    if (!c.flow_said_all) return "a flow's words were refused because the queue already had the contact";
    if (!c.open && NewestOf(s, i) > c.handled_through) return "a contact ended with a message that nobody has seen";
    if (c.epoch > c.ledger_epoch && c.epoch > 1) return "channels is ahead of the ledger";
  }
  if (open > 1) return "two message contacts are open in one conversation";
  for (int i = 0; i < s.messages; ++i) {
    if (s.message_contact[i] < 0) return "a message without a contact";
  }
  return {};
}

State Drain(State s, Mutant mutant) {
  for (bool busy = true; busy;) {
    busy = false;
    for (int agent = 0; agent < kAgents; ++agent) s.accepts[agent] = {};
    for (auto& c : s.contacts) {
      if (!c.exists) continue;
      for (auto box : {&Contact::from_channels, &Contact::from_ivr, &Contact::from_routing, &Contact::projections}) {
        while (!(c.*box).empty()) {
          busy = true;
          Row row = (c.*box).front();
          if (!row.applied) {
            if (row.kind == RowKind::kStep)
              FlowStep(c, row, Decision::kEnqueue);
            else
              Apply(s, c, row, mutant);
          }
          Finish(c, row);
          (c.*box).erase((c.*box).begin());
        }
      }
      if (c.place == Place::kAccepting) CheckAccepting(c);
      if (c.place == Place::kReserved) c.place = Place::kWaiting;
    }
  }
  return s;
}

std::string RestViolation(const State& s) {
  for (int i = 0; i < kMaxContacts; ++i) {
    const Contact& c = s.contacts[i];
    if (!c.exists) continue;
    const bool flow = c.owner == Owner::kFlow && c.session == Session::kRunning;
    const bool waiting = c.place == Place::kWaiting;
    const bool assigned = c.place == Place::kAssigned;
    if (!c.open) {
      if (waiting || assigned) return "an ended contact is still in the live store";
      if (c.ledger != Ledger::kNone && c.ledger != Ledger::kEnded) return "an ended contact is alive in the ledger";
      continue;
    }
    if (flow + waiting + assigned != 1) return "an open contact is not in exactly one place";
    if (assigned && (c.ledger != Ledger::kAssigned || c.place_agent != c.ledger_agent))
      return "live store and ledger disagree";
    if (assigned && (c.owner != Owner::kAgent || c.agent != c.ledger_agent)) return "channels and ledger disagree";
    if (waiting && c.ledger != Ledger::kQueued) return "a contact waits that the ledger has elsewhere";
  }
  return {};
}

std::string State::Key() const {
  std::string key;
  auto put = [&](int v) { key.push_back(static_cast<char>(v)); };
  for (const auto m : message_contact) put(m);
  put(messages);
  put(faults_left);
  for (const auto& a : accepts) put(a.contact), put(a.epoch), put(a.written);
  for (int i = 0; i < kMaxContacts; ++i) {
    const Contact& c = contacts[i];
    put(c.exists * 4 + c.open * 2 + c.flow_said_all);
    if (!c.exists) continue;
    for (const auto t : told[i]) put(t);
    for (const int v :
         {int(c.epoch), int(c.owner), int(c.agent), int(c.handled_through), int(c.session), int(c.stepped_through),
          int(c.ledger), int(c.ledger_epoch), int(c.ledger_sequence), int(c.ledger_agent), int(c.ledger_handled),
          int(c.place), int(c.place_sequence), int(c.place_agent), int(c.place_epoch)}) {
      put(v);
    }
    for (const auto* box : {&c.from_channels, &c.from_ivr, &c.from_routing, &c.projections}) {
      put(static_cast<int>(box->size()));
      for (const Row& r : *box) {
        for (const int v : {int(r.kind), int(r.epoch), int(r.argument), int(r.owner), int(r.agent),
                            int(r.applied) * 2 + int(r.result)})
          put(v);
      }
    }
  }
  return key;
}

}  // namespace haven::model
