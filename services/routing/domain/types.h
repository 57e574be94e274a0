#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/core/ids.h"

// Words of the routing engine, shared by its specification (model.h) and its Redis form (store/engine.h).
namespace haven::routing {

using AgentId = core::Id<struct AgentTag>;
using ContactId = core::Id<struct ContactTag>;
using ConversationId = core::Id<struct ConversationTag>;
using QueueId = core::Id<struct QueueTag>;
using SkillId = core::Id<struct SkillTag>;
using ChannelId = core::Id<struct ChannelTag>;        // "voice", "webchat", ...
using LaneId = core::Id<struct LaneTag>;              // made by Eligibility; the same in every process
using ProfileId = core::Id<struct ProfileTag>;        // made by Eligibility; the same in every process
using ConnectionId = core::Id<struct ConnectionTag>;  // one feed of one agent

using Span = std::chrono::milliseconds;
// The engine's time: never goes back and does not jump, so it may differ from wall time. Compare it only with itself.
using Time = std::chrono::sys_time<Span>;

// Bounds of the engine. All loops of the scripts follow from them.
inline constexpr int kMaxProfilesPerLane = 64;
inline constexpr int kMaxCapacityPerAgent = 32;  // sum over channels
inline constexpr int kMaxHoldsPerContact = 8;    // agents that one contact avoids at once; the oldest gives way
inline constexpr int kLookAhead = 8;             // contacts looked at behind a barred head
inline constexpr int kMaxLanesLookedAt = 40;     // whose heads are barred, before an agent gives up
inline constexpr int kMaxRelaxSteps = 8;
inline constexpr int kMaxConnectionsPerAgent = 16;
inline constexpr Span kMaxPreference = std::chrono::hours(24);
inline constexpr Span kTombstone = std::chrono::minutes(10);
inline constexpr Span kAcceptCheckLease = std::chrono::seconds(5);
inline constexpr Span kClockJump = std::chrono::seconds(10);

// One channel an agent may handle: how many at once, and while none of `excluded_by` is being handled.
struct Capacity {
  ChannelId channel{};
  int slots = 0;
  std::vector<ChannelId> excluded_by{};
  friend bool operator==(const Capacity&, const Capacity&) = default;
};

// An agent as the engine needs it. `revision` grows with the configuration; an older one is ignored.
struct AgentSpec {
  AgentId agent{};
  std::int64_t revision = 0;
  ProfileId profile{};
  std::vector<Capacity> capacity{};  // sorted by channel
  friend bool operator==(const AgentSpec&, const AgentSpec&) = default;
};

// Queue, requirement and channel: contacts of one lane are served by the same agents, first come first served.
struct LaneSpec {
  LaneId lane{};
  std::int64_t revision = 0;
  QueueId queue{};
  ChannelId channel{};
  Span offer_time{30'000};            // an offer from this lane lapses after it
  std::vector<ProfileId> profiles{};  // sorted; at most kMaxProfilesPerLane
  friend bool operator==(const LaneSpec&, const LaneSpec&) = default;
};

enum class LedgerState { kQueued, kAssigned, kClosing, kGone };  // kGone: ended, or back with a flow

// First this agent, until `for_next` has passed; then the lane.
struct Preference {
  AgentId agent{};
  Span for_next{0};      // at most kMaxPreference
  bool if_away = false;  // wait also for an agent who receives no offers now (a transfer to a person); else skip it
};

struct RelaxStep {
  Span after{0};  // from now
  LaneId lane{};
};

struct Hold {
  AgentId agent{};
  Span for_next{0};
};

// Work after the contact; holds a slot of its channel. `epoch` is the one the agent had the contact with.
struct WrapUp {
  AgentId agent{};
  std::int64_t epoch = 0;
  Span remaining{0};
};

// A ledger row as the engine needs it. `sequence` counts the row's changes: the newest wins. Spans count from now,
// because the engine's clock is not the ledger's.
//
// preference, relax and holds are taken when the epoch is first seen; later rows of the same epoch replace lane, relax,
// score and mark, and leave preference and holds to the engine. The same sequence again with another lane (the
// configuration has changed) moves a waiting contact there.
struct LedgerRow {
  ContactId contact{};
  std::int64_t epoch = 0;
  std::int64_t sequence = 0;
  LedgerState state = LedgerState::kQueued;
  ConversationId conversation{};
  QueueId queue{};
  ChannelId channel{};  // a contact has one for ever
  LaneId lane{};        // kQueued
  // Lanes known from an older configuration count as unknown. The engine sets it to its source's revision.
  std::int64_t lane_revision = 0;
  Time enqueued_at{};   // wall time of the ledger; only its order counts
  Span age_adjust{0};   // makes it older
  Span head_start{0};   // priority
  bool strict = false;  // before all others, see policy/contact_score.h
  bool left = false;    // the person is not at the page any more
  AgentId agent{};      // kAssigned, kClosing
  std::optional<Preference> preference{};
  std::vector<RelaxStep> relax{};
  std::vector<Hold> holds{};
  std::optional<WrapUp> wrap_up{};
};

// An offer. Unique for ever: `number` is the engine's time of the offer in ms, raised where two fall into one.
struct Reservation {
  ContactId contact{};
  std::int64_t epoch = 0;
  std::int64_t number = 0;

  std::string ToString() const { return contact.value() + ":" + std::to_string(epoch) + ":" + std::to_string(number); }
  static std::optional<Reservation> Parse(std::string_view text);
  friend bool operator==(const Reservation&, const Reservation&) = default;
};

// What an agent does. Only `routable` ones receive offers. `code` is a lower-case word ("available", "break").
struct Activity {
  std::string code{};
  bool routable = false;
  friend bool operator==(const Activity&, const Activity&) = default;
};
// Set by the engine when an offer expires.
inline constexpr std::string_view kMissedOffer = "missed_offer";

// How an operation ended. The engine's status mapping stands in store/engine.h.
enum class Code {
  kOk,
  kSame,         // already so; repaired if anything was missing
  kStale,        // something newer is known; ignored
  kLostRace,     // the offer is over
  kWrongState,   // the offer is being accepted
  kNotFound,     // no such agent
  kUnknownLane,  // upsert the lane, then repeat
  kBusy,         // the lane has contacts
  kLimit,        // a bound above is reached
  kRestoring,    // not found, and live state is being restored
};

// Work that leaves the engine.
struct Effect {
  enum class Kind {
    // Deadline passed while accepting: read the ledger, then project its row or AcceptUndo. Comes again after
    // kAcceptCheckLease until done.
    kAcceptCheck,
    // The offer expired and the agent's activity became kMissedOffer: write it to the ledger.
    kMissedOffer,
  };
  Kind kind = Kind::kAcceptCheck;
  Reservation reservation;
  AgentId agent;
  std::int64_t activity_version = 0;  // kMissedOffer
  friend bool operator==(const Effect&, const Effect&) = default;
};

}  // namespace haven::routing
