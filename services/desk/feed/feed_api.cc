#include "services/desk/feed/feed_api.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/channels/v1/contact_service.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"

namespace haven::desk::feed {
namespace {

namespace channels = internal::channels::v1;
namespace queues = internal::routing::v1;
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::seconds kFetchTimeout{5};
constexpr int kSnapshotMessages = 30;
constexpr int kOfferMessages = 6;

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  out->set_seconds(absl::ToUnixSeconds(time));
  out->set_nanos(static_cast<int>((time - absl::FromUnixSeconds(out->seconds())) / absl::Nanoseconds(1)));
}

v1::ContactView ViewOf(channels::ContactSummary summary, bool holds) {
  v1::ContactView view;
  *view.mutable_contact() = std::move(*summary.mutable_contact());
  *view.mutable_person() = std::move(*summary.mutable_person());
  view.set_last_sequence(summary.last_sequence());
  view.set_person_seen_sequence(summary.person_seen_sequence());
  if (holds) view.set_draft(summary.draft());
  for (auto& message : *summary.mutable_recent_messages()) {
    // Before accepting an agent sees what was said, not what colleagues noted.
    if (!holds && message.kind() == haven::channels::v1::MESSAGE_KIND_NOTE) continue;
    *view.add_messages() = std::move(message);
  }
  return view;
}

}  // namespace

FeedMetrics::FeedMetrics(telemetry::Metrics& metrics)
    : feeds(metrics.AddGauge("haven_desk_feeds_count", "Agents' feeds open now.")),
      items(metrics.AddCounter("haven_desk_feed_items_total", "Items written to feeds, by kind.", {"kind"})) {}

// What this feed has told its reader.
struct FeedApi::View {
  View(FeedHub& hub, std::string agent) : feed(hub, std::move(agent), [this] { woken.Set(); }) {}
  async::Event woken;
  Feed feed;
  routing::v1::AgentState state;
  std::set<std::string> held, offered;                         // contact ids
  std::unordered_map<std::string, std::int64_t> sent_through;  // conversation to sequence
};

void FeedApi::Register(rpc::Registry& registry) {
  registry.ServerStream("haven.desk.v1.FeedService/Watch", this, &FeedApi::Watch);
  registry.Implements("haven.desk.v1.FeedService");
}

async::Task<absl::Status> FeedApi::Watch(rpc::CallPtr call, v1::WatchRequest request,
                                         rpc::StreamWriter<v1::WatchResponse> writer) {
  std::string agent_id = call->identity().subject;
  if (call->identity().kind == rpc::IdentityKind::kIntegrator) {
    if (!core::IsUuid(request.agent_id()))
      co_return core::InvalidField("agentId", "name the agent to act for by its user id");
    agent_id = request.agent_id();
  } else if (!request.agent_id().empty() && request.agent_id() != agent_id) {
    co_return core::MakeError(absl::StatusCode::kPermissionDenied, errors::v1::REASON_FORBIDDEN,
                              "a feed is its own agent's");
  }
  if (request.cursor().size() > 200) co_return core::InvalidField("cursor", "is not one of this hub");
  View view(*d_.hub, agent_id);
  const std::string connection_id = core::NewUuid(*d_.clock, *d_.random);
  metrics_.feeds.Add(1);
  co_await d_.presence->Open(agent_id, connection_id);
  auto status = co_await Serve(std::move(request), std::move(writer), &view);
  d_.presence->Close(connection_id);
  metrics_.feeds.Add(-1);
  co_return status;
}

async::Task<absl::Status> FeedApi::Serve(v1::WatchRequest request, rpc::StreamWriter<v1::WatchResponse> writer,
                                         View* view) {
  auto state = co_await ReadAgent(view->feed.agent_id());
  if (!state.ok()) co_return state.status();
  // Where to begin: what was missed since the reader's cursor, or everything.
  std::unordered_set<std::string> following;
  for (const auto& a : state->assignments()) following.insert(a.conversation_id());
  for (const auto& r : state->reservations()) following.insert(r.conversation_id());
  auto missed = d_.hub->Since(request.cursor(), view->feed.agent_id(), following);
  bool snapshot = !missed.has_value();
  if (snapshot && !request.cursor().empty()) {
    v1::WatchResponse reset;
    reset.set_cursor(d_.hub->cursor());
    reset.set_reset(true);
    metrics_.items.With({"reset"}).Add();
    if (!co_await writer.Write(std::move(reset))) co_return absl::CancelledError("the reader has gone");
  }
  Dirty due = missed.value_or(Dirty{});
  due.agent = true;
  for (;;) {
    v1::WatchResponse response;
    std::string cursor;
    // The cursor is taken before anything is read: overlap repeats, never skips.
    due.Merge(view->feed.Take(&cursor));
    view->woken.Reset();
    if (due.lost) {
      snapshot = true;
      due = Dirty{};
      due.agent = true;
      v1::WatchResponse reset;
      reset.set_cursor(cursor);
      reset.set_reset(true);
      metrics_.items.With({"reset"}).Add();
      if (!co_await writer.Write(std::move(reset))) co_return absl::CancelledError("the reader has gone");
    }
    if (snapshot) {
      view->held.clear();
      view->offered.clear();
      view->sent_through.clear();
    }
    v1::Update update;
    if (!due.empty()) {
      const Dirty asked = std::exchange(due, Dirty{});
      auto status = co_await Collect(asked, view, &update);
      if (!status.ok()) co_return status;  // the client comes back with its last cursor
    }
    if (snapshot) {
      auto* all = response.mutable_snapshot();
      all->mutable_agent()->Swap(update.mutable_agent());
      all->mutable_offers()->Swap(update.mutable_offers());
      all->mutable_contacts()->Swap(update.mutable_contacts());
      SetTime(d_.clock->Now(), all->mutable_hub_time());
      metrics_.items.With({"snapshot"}).Add();
      snapshot = false;
    } else if (update.has_agent() || update.offers_size() + update.contacts_size() + update.messages_size() > 0) {
      response.mutable_update()->Swap(&update);
      metrics_.items.With({"update"}).Add();
    } else {
      SetTime(d_.clock->Now(), response.mutable_heartbeat_time());
      metrics_.items.With({"heartbeat"}).Add();
    }
    response.set_cursor(cursor);
    if (!co_await writer.Write(std::move(response))) co_return absl::CancelledError("the reader has gone");
    const bool woken = co_await view->woken.Wait(core::Deadline::After(kHeartbeat));
    const bool cancelled = co_await async::Cancelled();
    if (!woken && cancelled) co_return absl::CancelledError("the reader has gone");
  }
}

async::Task<absl::StatusOr<routing::v1::AgentState>> FeedApi::ReadAgent(std::string agent_id) {
  queues::ReadAgentsRequest request;
  request.add_agent_ids(agent_id);
  rpc::CallOptions options{core::Deadline::After(kFetchTimeout)};
  auto response = co_await d_.routing()->Call<queues::ReadAgentsRequest, queues::ReadAgentsResponse>(
      "haven.internal.routing.v1.QueueService/ReadAgents", std::move(request), std::move(options));
  if (!response.ok()) co_return response.status();
  if (response->agents_size() != 1)
    co_return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG,
                              "routing answered for another agent");
  co_return std::move(*response->mutable_agents(0));
}

async::Task<absl::Status> FeedApi::Describe(View* view, std::vector<std::string> contact_ids, v1::Update* into) {
  if (contact_ids.empty()) co_return absl::OkStatus();
  channels::DescribeContactsRequest request;
  for (auto& id : contact_ids) request.add_contact_ids(id);
  request.set_recent_messages(kSnapshotMessages);
  request.set_draft_user_id(view->feed.agent_id());
  rpc::CallOptions options{core::Deadline::After(kFetchTimeout)};
  auto response = co_await d_.channels()->Call<channels::DescribeContactsRequest, channels::DescribeContactsResponse>(
      "haven.internal.channels.v1.ContactService/DescribeContacts", std::move(request), std::move(options));
  if (!response.ok()) co_return response.status();
  for (auto& summary : *response->mutable_contacts()) {
    const std::string id = summary.contact().id();
    const std::string conversation = summary.contact().conversation_id();
    if (view->held.contains(id)) {
      view->sent_through[conversation] = std::max(view->sent_through[conversation], summary.last_sequence());
      *into->add_contacts() = ViewOf(std::move(summary), true);
      continue;
    }
    for (const auto& reservation : view->state.reservations()) {
      if (reservation.contact_id() != id) continue;
      auto* offer = into->add_offers();
      *offer->mutable_reservation() = reservation;
      auto* messages = summary.mutable_recent_messages();
      if (messages->size() > kOfferMessages) messages->DeleteSubrange(0, messages->size() - kOfferMessages);
      *offer->mutable_contact() = ViewOf(std::move(summary), false);
      break;
    }
  }
  co_return absl::OkStatus();
}

async::Task<absl::Status> FeedApi::FillMessages(const Dirty& dirty, View* view, v1::Update* into) {
  channels::ReadMessagesRequest request;
  for (const auto& [conversation, after] : dirty.conversations) {
    const auto sent = view->sent_through.find(conversation);
    if (sent == view->sent_through.end()) continue;  // offered only: its view follows
    auto* position = request.add_positions();
    position->set_conversation_id(conversation);
    position->set_after_sequence(std::min(after, sent->second));
  }
  if (request.positions_size() == 0) co_return absl::OkStatus();
  request.set_include_notes(true);
  request.set_limit(200);
  rpc::CallOptions options{core::Deadline::After(kFetchTimeout)};
  auto response = co_await d_.channels()->Call<channels::ReadMessagesRequest, channels::ReadMessagesResponse>(
      "haven.internal.channels.v1.ContactService/ReadMessages", std::move(request), std::move(options));
  if (!response.ok()) co_return response.status();
  for (auto& message : *response->mutable_messages()) {
    auto& through = view->sent_through[message.conversation_id()];
    through = std::max(through, message.sequence());
    *into->add_messages() = std::move(message);
  }
  co_return absl::OkStatus();
}

async::Task<absl::Status> FeedApi::Collect(Dirty dirty, View* view, v1::Update* into) {
  std::set<std::string> describe;
  if (dirty.agent) {
    auto state = co_await ReadAgent(view->feed.agent_id());
    if (!state.ok()) co_return state.status();
    std::set<std::string> held, offered;
    std::vector<std::string> conversations;
    for (const auto& a : state->assignments()) {
      held.insert(a.contact_id());
      conversations.push_back(a.conversation_id());
      if (!view->held.contains(a.contact_id())) describe.insert(a.contact_id());
    }
    for (const auto& r : state->reservations()) {
      offered.insert(r.contact_id());
      conversations.push_back(r.conversation_id());
      if (!view->offered.contains(r.contact_id())) describe.insert(r.contact_id());
    }
    view->held = std::move(held);
    view->offered = std::move(offered);
    view->feed.Follow(conversations);
    view->state = *state;
    *into->mutable_agent() = *std::move(state);
  }
  for (const auto& contact : dirty.contacts) {
    if (view->held.contains(contact) || view->offered.contains(contact)) describe.insert(contact);
  }
  for (const auto& reservation : view->state.reservations()) {
    // Something was said while the agent decides.
    if (dirty.conversations.contains(reservation.conversation_id())) describe.insert(reservation.contact_id());
  }
  std::vector<std::string> to_describe(describe.begin(), describe.end());
  if (auto status = co_await Describe(view, std::move(to_describe), into); !status.ok()) co_return status;
  co_return co_await FillMessages(dirty, view, into);
}

}  // namespace haven::desk::feed
