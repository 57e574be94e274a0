#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/api/contact_api.h"
#include "services/channels/domain/token.h"
#include "services/channels/store/visitors.h"

namespace haven::channels {

async::Task<absl::StatusOr<wire::ResolveVisitorResponse>> ContactApi::ResolveVisitor(
    rpc::CallPtr call, wire::ResolveVisitorRequest request) {
  const auto unknown = core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, "no such visitor");
  if (!LooksLikeVisitorToken(request.visitor_token())) co_return unknown;
  auto visitor = co_await FindVisitor(service_.context, call->deadline(), HashVisitorToken(request.visitor_token()),
                                      absl::FromChrono(service_.config.token_life));
  if (!visitor.ok()) co_return visitor.status();
  if (!*visitor) co_return unknown;
  wire::ResolveVisitorResponse response;
  response.set_conversation_id((*visitor)->conversation.value());
  response.set_person_id((*visitor)->person.value());
  co_return response;
}

}  // namespace haven::channels
