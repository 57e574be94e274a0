#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "libs/core/error.h"
#include "services/channels/api/conversation_api.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"

namespace haven::channels {
namespace {

namespace routing = ::haven::internal::routing::v1;

async::Task<absl::StatusOr<Ledger>> AskLedger(rpc::CallPtr call, std::shared_ptr<rpc::Channel> channel,
                                              std::string contact_id) {
  routing::GetOwnerRequest request;
  request.set_contact_id(std::move(contact_id));
  rpc::CallOptions options(call->deadline());
  options.trace = call->trace();
  options.attempts = 2;
  auto answer = co_await channel->Call<routing::GetOwnerRequest, routing::GetOwnerResponse>(
      "haven.internal.routing.v1.QueueService/GetOwner", std::move(request), std::move(options));
  Ledger ledger;
  // A contact that routing has never seen has no epoch above the flow's: whatever the caller claims is wrong.
  if (absl::IsNotFound(answer.status())) co_return ledger;
  if (!answer.ok()) co_return answer.status();
  ledger.owner.epoch = answer->epoch();
  ledger.owner.kind = static_cast<OwnerKind>(answer->owner_kind());
  ledger.owner.agent = UserId(answer->agent_id());
  ledger.owner.queue = answer->queue();
  ledger.closing = answer->closing();
  co_return ledger;
}

void Count(const absl::Status& status, const Metrics& metrics) {
  if (status.ok()) return;
  const auto reason = core::ReasonOf(status);
  metrics.replies_refused.With({reason ? errors::v1::Reason_Name(*reason) : "REASON_UNSPECIFIED"}).Add();
}

}  // namespace

async::Task<absl::StatusOr<v1::SendMessageResponse>> ConversationApi::SendMessage(rpc::CallPtr call,
                                                                                  v1::SendMessageRequest request) {
  Input input;
  ReplyDraft draft;
  draft.conversation = ConversationId(input.Uuid("conversationId", request.conversation_id()));
  draft.contact = ContactId(input.Uuid("contactId", request.contact_id()));
  draft.epoch = request.epoch();
  draft.text = input.Text("text", request.text(), 1, kMostAgentCharacters);
  draft.request_id = input.Uuid("requestId", request.request_id());
  input.Require(request.epoch() >= 1, "epoch", "is required: the contact's epoch as you know it");
  if (auto status = input.status(); !status.ok()) co_return status;
  auto author = AuthorOf(*call, service_, request.agent_id());
  if (!author.ok()) co_return author.status();
  draft.author = *std::move(author);
  draft.viewer = ViewerOf(*call, service_);

  auto result = co_await Reply(service_.context, call->deadline(), draft, std::nullopt);
  if (result.ok() && result->ask_ledger) {
    service_.metrics->ledger_lookups.Add();
    auto ledger = co_await AskLedger(call, service_.routing, draft.contact.value());
    if (!ledger.ok()) co_return ledger.status();
    result = co_await Reply(service_.context, call->deadline(), draft, *std::move(ledger));
  }
  Count(result.status(), *service_.metrics);
  if (!result.ok()) co_return result.status();
  service_.metrics->messages.With({"agent"}).Add();
  v1::SendMessageResponse response;
  *response.mutable_message() = ForStaff(*result->message, draft.author.user);
  co_return response;
}

}  // namespace haven::channels
