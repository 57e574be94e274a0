#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/routing/domain/types.h"
#include "services/routing/store/scripts.h"

// How the engine's operations are written for its scripts. ARGV[1], the time, is added by whoever runs them.
namespace haven::routing::command {

struct Command {
  Step step = Step::kTick;
  std::vector<std::string> args{};
};

Command UpsertLane(const LaneSpec& lane);
Command RemoveLane(const LaneId& lane, std::int64_t revision);
Command UpsertAgent(const AgentSpec& agent);
Command RemoveAgent(const AgentId& agent, std::int64_t revision);
Command Project(const LedgerRow& row);
Command AcceptBegin(const Reservation& reservation, const AgentId& agent);
Command AcceptUndo(const Reservation& reservation);
Command Decline(const Reservation& reservation, const AgentId& agent, Span hold);
Command Revoke(const Reservation& reservation, Span hold);
Command SetWrapUp(const WrapUp& wrap_up, const ContactId& contact);
// version 0: a change made now.
Command SetActivity(const AgentId& agent, const Activity& activity, std::int64_t version);
Command Presence(const AgentId& agent, const ConnectionId& connection, std::int64_t lease, Span lasts, bool release);
Command Tick(int limit);
Command Generation(const std::string& set, const std::string& run_id);
Command ReconcileLease(const std::string& owner, Span ttl);
Command SweepAgent(const AgentId& agent);
Command ListContacts(const std::string& cursor, int page_size);
Command ReadAgent(const AgentId& agent);

// The code a script answered with; nullopt for a word that is none.
std::optional<Code> ParseCode(std::string_view word);
// Six fields each, as tick.lua says; nullopt if they are not.
std::optional<std::vector<Effect>> ParseEffects(const std::vector<std::string>& reply, std::size_t from);

// Keys of a hub.
std::string Prefix(std::string_view hub);
std::string Events(std::string_view hub);

}  // namespace haven::routing::command
