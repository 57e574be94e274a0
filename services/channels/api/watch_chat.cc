#include <algorithm>
#include <string>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"
#include "services/channels/api/webchat_api.h"
#include "services/channels/store/errors.h"
#include "services/channels/store/reads.h"

namespace haven::channels {
namespace {

constexpr int kPage = 50;
constexpr std::chrono::milliseconds kReadTimeout{10'000};

using Writer = rpc::StreamWriter<v1::WatchChatResponse>;

v1::ChatState StateOf(const Service& service, const ChatHead& head) {
  v1::ChatState state;
  state.set_owner_kind(static_cast<v1::OwnerKind>(head.owner));
  state.set_ended(head.owner == OwnerKind::kNone);
  if (head.owner == OwnerKind::kAgent) state.set_agent_name(AuthorFor(service, head.agent).public_name);
  return state;
}

absl::Status Evicted() {
  return core::LimitError(errors::v1::REASON_OVERLOADED, "a newer stream of this chat took this one's place",
                          std::chrono::seconds(30));
}

// A visitor's stream: what it has told so far.
class ChatStream {
 public:
  ChatStream(Service& service, ConversationId id, std::string token_hash, std::int64_t after, Writer writer)
      : service_(service),
        id_(std::move(id)),
        token_hash_(std::move(token_hash)),
        after_(after),
        writer_(std::move(writer)) {}

  // Tells what is new; false when the client has gone. An error ends the stream, and the client resumes.
  async::Task<absl::StatusOr<bool>> Tell(Watchers::Watch* watch) {
    const auto deadline = core::Deadline::After(kReadTimeout);
    auto head = co_await ReadHead(service_.context, deadline, id_, token_hash_);
    if (!head.ok()) co_return head.status();
    if (!head->token_stands) {
      co_return TokenEnded();
    }
    watch->Saw(head->version, head->last_sequence);
    v1::WatchChatResponse news;
    const v1::ChatState state = StateOf(service_, *head);
    if (std::string bytes = state.SerializeAsString(); bytes != told_state_) {
      told_state_ = std::move(bytes);
      *news.mutable_state() = state;
    }
    while (after_ < head->last_sequence) {
      MessageQuery query;
      query.conversation = id_;
      query.after = after_;
      query.limit = kPage;
      auto page = co_await ReadMessages(service_.context, core::Deadline::After(kReadTimeout), std::move(query));
      if (!page.ok()) co_return page.status();
      for (const Message& message : page->messages) *news.add_messages() = ForVisitor(message);
      if (!page->messages.empty()) after_ = page->messages.back().sequence;
      // Notes have sequences too and are not told: what is left up to the head can only be notes.
      if (!page->has_more) after_ = std::max(after_, head->last_sequence);
      if (news.messages_size() == 0) continue;
      if (!co_await writer_.Write(std::move(news))) co_return false;
      news = v1::WatchChatResponse();
    }
    if (news.has_state()) co_return co_await writer_.Write(std::move(news));
    co_return true;
  }

  async::Task<bool> Heartbeat() {
    v1::WatchChatResponse alive;
    alive.set_heartbeat(true);
    co_return co_await writer_.Write(std::move(alive));
  }

 private:
  Service& service_;
  ConversationId id_;
  std::string token_hash_;
  std::int64_t after_;
  Writer writer_;
  // Differs from every state, so that the first one is told.
  std::string told_state_ = "none";
};

}  // namespace

async::Task<absl::Status> WebchatApi::WatchChat(rpc::CallPtr call, v1::WatchChatRequest request, Writer writer) {
  if (request.after_sequence() < 0) co_return core::InvalidField("afterSequence", "must not be negative");
  auto watch = service_.watchers->Open(VisitorOf(*call));
  if (!watch.ok()) co_return watch.status();
  service_.metrics->streams.Set(static_cast<double>(service_.watchers->open()));
  ChatStream stream(service_, VisitorOf(*call), VisitorTokenHash(*call), request.after_sequence(), std::move(writer));
  const auto end = call->deadline().AtMost(service_.config.stream_life);
  absl::Status status;
  while (!call->cancelled() && !end.Expired()) {
    const bool news = co_await (*watch)->Wait(end.AtMost(service_.config.heartbeat));
    if ((*watch)->evicted()) {
      service_.metrics->streams_evicted.Add();
      status = Evicted();
      break;
    }
    if (co_await async::Cancelled()) break;
    if (!news) {
      if (end.Expired()) break;
      const bool beaten = co_await stream.Heartbeat();
      if (!beaten) break;
      continue;
    }
    auto told = co_await stream.Tell(watch->get());
    if (!told.ok()) status = told.status();
    if (!told.ok() || !*told) break;
  }
  watch->reset();
  service_.metrics->streams.Set(static_cast<double>(service_.watchers->open()));
  co_return status;
}

}  // namespace haven::channels
