// From the ledger to the live state.
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/routing/api/router.h"

namespace haven::routing {
namespace {

Span SpanUntil(absl::Time until, absl::Time now) {
  return std::max(Span::zero(), std::chrono::duration_cast<Span>(absl::ToChronoNanoseconds(until - now)));
}

}  // namespace

absl::StatusOr<LedgerRow> RowOf(const LedgerEntry& entry, const Settings& settings, absl::Time now) {
  LedgerRow row;
  row.contact = ContactId(entry.contact_id);
  row.epoch = entry.epoch;
  row.sequence = entry.sequence;
  row.conversation = ConversationId(entry.conversation_id);
  row.queue = QueueId(entry.queue);
  row.channel = ChannelId(entry.channel);
  row.enqueued_at = Time(Span(absl::ToUnixMillis(entry.enqueued_time)));
  row.head_start = std::chrono::seconds(entry.priority_seconds);
  row.left = entry.person_left;
  row.agent = AgentId(entry.agent_id);
  switch (entry.state) {
    case EntryState::kQueued: {
      row.state = LedgerState::kQueued;
      auto placed = settings.Place(entry.queue, entry.skills, entry.language, entry.channel, now - entry.queued_time);
      if (!placed.ok()) return placed.status();
      row.lane = placed->lane;
      row.relax = std::move(placed->relax);
      break;
    }
    case EntryState::kAssigned:
      row.state = LedgerState::kAssigned;
      break;
    case EntryState::kClosing:
      row.state = LedgerState::kClosing;
      break;
    case EntryState::kEnded:
      row.state = LedgerState::kGone;
      break;
  }
  if (!entry.preferred_agent_id.empty() && entry.preferred_until && *entry.preferred_until > now) {
    row.preference =
        Preference{AgentId(entry.preferred_agent_id), SpanUntil(*entry.preferred_until, now), entry.preferred_if_away};
  }
  if (!entry.avoid_agent_id.empty() && entry.avoid_until && *entry.avoid_until > now) {
    row.holds.push_back({AgentId(entry.avoid_agent_id), SpanUntil(*entry.avoid_until, now)});
  }
  if (entry.wrap_up_end && !entry.wrap_up_agent_id.empty()) {
    row.wrap_up = WrapUp{AgentId(entry.wrap_up_agent_id), entry.wrap_up_epoch, SpanUntil(*entry.wrap_up_end, now)};
  }
  return row;
}

async::Task<absl::Status> ProjectEntry(Router& router, core::Deadline deadline, LedgerEntry entry) {
  auto row = RowOf(entry, router.settings, router.clock.Now());
  if (!row.ok()) co_return row.status();
  auto outcome = co_await router.engine.Project(deadline, *std::move(row));
  co_return outcome.status();
}

async::Task<absl::Status> ProjectContact(Router& router, core::Deadline deadline, std::string contact_id) {
  auto entry = co_await router.ledger.Get(deadline, std::move(contact_id));
  if (!entry.ok()) co_return entry.status();
  co_return co_await ProjectEntry(router, deadline, *std::move(entry));
}

}  // namespace haven::routing
