#include <utility>

#include "services/channels/api/contact_api.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"
#include "services/channels/store/reads.h"

namespace haven::channels {
namespace {

constexpr int kMostContacts = 500;
constexpr int kMostRecent = 50;

void Fill(const Summary& summary, const UserId& reader, wire::ContactSummary* out) {
  *out->mutable_contact() = ToProto(summary.contact);
  *out->mutable_person() = ToProto(summary.person);
  for (const Message& message : summary.recent) *out->add_recent_messages() = ForStaff(message, reader);
  out->set_last_sequence(summary.conversation.last_sequence);
  out->set_draft(summary.draft);
  out->set_last_agent_id(summary.conversation.last_agent.value());
  if (summary.conversation.last_agent_time) {
    SetTime(*summary.conversation.last_agent_time, out->mutable_last_agent_time());
  }
  out->set_person_seen_sequence(summary.conversation.seen);
}

}  // namespace

async::Task<absl::StatusOr<wire::DescribeContactsResponse>> ContactApi::DescribeContacts(
    rpc::CallPtr call, wire::DescribeContactsRequest request) {
  Input input;
  input.Require(request.contact_ids_size() <= kMostContacts, "contactIds", "must be at most 500");
  input.Require(request.recent_messages() >= 0 && request.recent_messages() <= kMostRecent, "recentMessages",
                "must be 0 to 50");
  std::vector<ContactId> ids;
  for (const std::string& id : request.contact_ids()) ids.emplace_back(input.Uuid("contactIds", id));
  if (auto status = input.status(); !status.ok()) co_return status;
  const UserId reader(request.draft_user_id());
  auto summaries =
      co_await Describe(service_.context, call->deadline(), std::move(ids), request.recent_messages(), reader);
  if (!summaries.ok()) co_return summaries.status();
  wire::DescribeContactsResponse response;
  for (const Summary& summary : *summaries) Fill(summary, reader, response.add_contacts());
  co_return response;
}

}  // namespace haven::channels
