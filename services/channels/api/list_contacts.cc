#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/core/ids.h"
#include "services/channels/api/conversation_api.h"
#include "services/channels/api/convert.h"
#include "services/channels/api/input.h"

namespace haven::channels {
namespace {

std::string Token(const ContactPosition& position) {
  std::string token;
  absl::WebSafeBase64Escape(absl::StrCat(absl::ToUnixMicros(position.created), ".", position.id.value()), &token);
  return token;
}

std::optional<ContactPosition> ParseToken(const std::string& token) {
  std::string text;
  std::int64_t micros = 0;
  if (!absl::WebSafeBase64Unescape(token, &text)) return std::nullopt;
  const auto dot = text.find('.');
  if (dot == std::string::npos || !absl::SimpleAtoi(text.substr(0, dot), &micros)) return std::nullopt;
  const std::string id = text.substr(dot + 1);
  if (!core::IsUuid(id)) return std::nullopt;
  return ContactPosition{absl::FromUnixMicros(micros), ContactId(id)};
}

}  // namespace

async::Task<absl::StatusOr<v1::ListContactsResponse>> ConversationApi::ListContacts(rpc::CallPtr call,
                                                                                    v1::ListContactsRequest request) {
  Input input;
  const std::string id = input.Uuid("conversationId", request.conversation_id());
  const int size = input.PageSize("pageSize", request.page_size(), 20, 100);
  const auto after = request.page_token().empty() ? std::nullopt : ParseToken(request.page_token());
  input.Require(request.page_token().empty() || after.has_value(), "pageToken", "must be one that this method gave");
  if (auto status = input.status(); !status.ok()) co_return status;
  auto view = co_await Visible(call, id);
  if (!view.ok()) co_return view.status();
  auto page = co_await ReadContacts(service_.context, call->deadline(), ConversationId(id), size, after);
  if (!page.ok()) co_return page.status();
  v1::ListContactsResponse response;
  for (const Contact& contact : page->contacts) *response.add_contacts() = ToProto(contact);
  if (page->next) response.set_next_page_token(Token(*page->next));
  co_return response;
}

}  // namespace haven::channels
