#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/routing/domain/types.h"

namespace haven::routing {

// The specification of the live engine, for one hub, on whatever clock its caller has. store/lua does the same on
// Redis, and property tests hold the two together; INVARIANTS.md says what always holds. Simulation runs on it
// directly.
//
// Every operation is atomic and takes the reading of a clock, which may step: the model's own time neither goes back
// nor jumps by more than kClockJump. Single-threaded.
class Model {
 public:
  enum class Place : char {
    kLane = 'q',
    kInbox = 'i',  // waits for its preferred agent
    kOffered = 'o',
    kAccepting = 'a',
    kAssigned = 'g',
    kClosing = 'z',
    kTombstone = 't',
  };

  struct Contact {
    ContactId id{};
    std::int64_t sequence = 0, epoch = 0;
    Place place = Place::kTombstone;
    ConversationId conversation{};
    QueueId queue{};
    ChannelId channel{};
    LaneId lane{};
    std::int64_t enqueued_at = 0, score = 0;
    bool left = false;
    Span offer_time{0};
    AgentId agent{};                  // who has it or is asked
    std::int64_t reservation = 0;     // number of the last one
    std::int64_t offer_deadline = 0;  // kOffered, kAccepting
    AgentId preferred{};
    std::int64_t preferred_until = 0;
    bool preferred_if_away = false;
    std::vector<std::pair<AgentId, std::int64_t>> holds{};  // until
    std::vector<std::pair<LaneId, std::int64_t>> relax{};   // due
    AgentId wrap_up_agent{};
    std::int64_t wrap_up_epoch = 0;
  };

  enum class SlotKind : char { kOffered = 'o', kAssigned = 'g', kWrapUp = 'w' };
  struct Slot {
    SlotKind kind = SlotKind::kOffered;
    ChannelId channel{};
  };
  struct Lease {
    std::int64_t number = 0;
    std::int64_t due = 0;
  };

  struct Agent {
    AgentSpec spec{};
    bool removed = false;
    std::map<std::string, Slot> slots{};  // by contact, or "contact#epoch" for wrap-up
    std::map<ConnectionId, Lease> connections{};
    bool present = false;
    Activity activity{"offline", false};
    std::int64_t activity_version = 0, activity_since = 0;
    std::int64_t idle_since = 0;
    std::int64_t version = 0;

    bool Up() const { return !removed && present && activity.routable; }
  };

  using Waiting = std::set<std::pair<std::int64_t, ContactId>>;  // score, contact
  struct Lane {
    LaneSpec spec{};
    bool known = false;  // false: removed, or never configured
    Waiting waiting;
  };

  // Kinds as in haven.events.v1.EventKind, lower case without prefix.
  struct Event {
    std::string kind{};
    std::int64_t at = 0;
    ContactId contact{};  // empty: of an agent alone
    ConversationId conversation{};
    QueueId queue{};
    std::int64_t epoch = 0;
    std::int64_t sequence = 0;  // of the contact's row; of an agent alone: its version
    std::string reservation{};
    AgentId agent{};
    std::int64_t deadline = 0;
    std::string code{};
  };

  struct AcceptAnswer {
    Code code = Code::kLostRace;
    std::int64_t sequence = 0;
    bool confirmed = false;
  };
  struct ActivityAnswer {
    Code code = Code::kNotFound;
    Activity activity{};
    std::int64_t version = 0;
    std::int64_t since = 0;
  };
  struct TickAnswer {
    std::vector<Effect> effects{};
    bool more = false;
  };

  // The operations of store/engine.h.
  Code UpsertLane(Time clock, const LaneSpec& lane);
  Code RemoveLane(Time clock, const LaneId& lane, std::int64_t revision);
  Code UpsertAgent(Time clock, const AgentSpec& agent);
  Code RemoveAgent(Time clock, const AgentId& agent, std::int64_t revision);
  Code Project(Time clock, const LedgerRow& row);
  AcceptAnswer AcceptBegin(Time clock, const Reservation& reservation, const AgentId& agent);
  Code AcceptUndo(Time clock, const Reservation& reservation);
  Code Decline(Time clock, const Reservation& reservation, const AgentId& agent, Span hold);
  Code Revoke(Time clock, const Reservation& reservation, Span hold);
  Code SetWrapUp(Time clock, const WrapUp& wrap_up, const ContactId& contact);
  // version 0: a change made now; otherwise from the ledger, applied if newer.
  ActivityAnswer SetActivity(Time clock, const AgentId& agent, const Activity& activity, std::int64_t version);
  Code AssertPresence(Time clock, const AgentId& agent, const ConnectionId& connection, std::int64_t lease, Span ttl);
  Code ReleasePresence(Time clock, const AgentId& agent, const ConnectionId& connection, std::int64_t lease,
                       Span grace);
  TickAnswer Tick(Time clock, int limit);
  Code SweepAgent(Time clock, const AgentId& agent);
  // Until this is called nothing is matched.
  void SetReady(Time clock);

  std::int64_t now() const { return now_; }
  bool ready() const { return ready_; }
  const std::map<ContactId, Contact>& contacts() const { return contacts_; }
  const std::map<AgentId, Agent>& agents() const { return agents_; }
  const std::map<LaneId, Lane>& lanes() const { return lanes_; }
  const std::set<std::pair<std::int64_t, std::string>>& deadlines() const { return deadlines_; }
  // What happened since the last call.
  std::vector<Event> TakeEvents() {
    told_ = 0;
    return std::exchange(events_, {});
  }

  // Channels on which the agent can take one more.
  static std::vector<ChannelId> FreeChannels(const Agent& agent);
  bool Barred(const Contact& contact, const AgentId& agent) const;

 private:
  using Freed = std::vector<Agent*>;

  void Begin(Time clock);
  // Gives each agent that changed its next version. Ends every operation.
  void Flush();
  template <class Answer>
  Answer Finish(Answer answer) {
    Flush();
    return answer;
  }

  Contact* FindContact(const ContactId& id);
  Agent* FindAgent(const AgentId& id);      // removed ones too
  Agent* FindLiveAgent(const AgentId& id);  // configured ones
  bool KnownLane(const LaneId& lane) const;
  void Touch(Agent& agent) { touched_.insert(&agent); }
  void Note(std::string kind, const Contact* contact, const AgentId& agent = {}, std::int64_t deadline = 0,
            std::string code = {});

  void Arm(std::int64_t due, std::string item);
  void Disarm(const std::string& item);
  bool Armed(const std::string& item) const { return due_.contains(item); }

  // place
  void Exit(Contact& c);
  void Enter(Contact& c);
  void DropPreference(Contact& c);
  void AddHold(Contact& c, const AgentId& agent, std::int64_t until);
  Agent* GiveBack(Contact& c, const char* event);
  Code EndOffer(const Reservation& reservation, const AgentId& agent, Span hold, const char* event);
  Code Presence(const AgentId& agent, const ConnectionId& connection, std::int64_t lease, Span lasts, bool release);

  // match
  void Offer(Contact& c, Agent& a);
  bool MatchContact(Contact& c);
  void MatchAgent(Agent& a);
  void MatchLane(const LaneId& lane);
  std::vector<Contact*> Withdraw(Agent& a);
  void MatchContacts(const std::vector<Contact*>& list);
  Contact* FirstInInbox(const Agent& a, const ChannelId& channel);
  Contact* FirstInLane(const Lane& lane, const AgentId& agent);
  Contact* BestHead(const Agent& a, const ChannelId& channel);

  // project
  Contact RecordOf(const LedgerRow& row) const;
  void ArmWaiting(const Contact& c);
  Freed Release(Contact& old, const Contact& next);
  void Refresh(Contact& old, const Contact& next);
  void Repair(Contact& c, const Contact& row, Span wrap_up_remaining);
  void Assign(Contact& c);
  void StartWrapUp(Contact& c, Span remaining);
  // By value: the record that names them is changed.
  Agent* EndWrapUp(AgentId agent, ContactId contact, std::int64_t epoch);

  // due
  void Due(const std::string& item, std::vector<Effect>& effects);
  void OfferDue(const std::string& item, const ContactId& id, std::vector<Effect>& effects);
  void PresenceDue(const std::string& item, const AgentId& agent, const ConnectionId& connection);
  void PreferenceDue(const std::string& item, const ContactId& id);
  void RelaxDue(const std::string& item, const ContactId& id);
  void HoldDue(const std::string& item, const ContactId& id);

  std::map<ContactId, Contact> contacts_;
  std::map<AgentId, Agent> agents_;
  std::map<LaneId, Lane> lanes_;
  std::map<std::pair<AgentId, ChannelId>, Waiting> inboxes_;
  std::set<std::pair<std::int64_t, std::string>> deadlines_;  // due, item
  std::map<std::string, std::int64_t> due_;
  std::set<Agent*> touched_;
  std::vector<Event> events_;
  std::size_t told_ = 0;  // events before this have their sequence
  bool ready_ = false;
  bool started_ = false;
  std::int64_t raw_ = 0, offset_ = 0, now_ = 0;
};

}  // namespace haven::routing
