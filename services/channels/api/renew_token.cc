#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/channels/api/webchat_api.h"
#include "services/channels/store/visitors.h"

namespace haven::channels {

async::Task<absl::StatusOr<v1::RenewTokenResponse>> WebchatApi::RenewToken(rpc::CallPtr call,
                                                                           v1::RenewTokenRequest /*request*/) {
  const std::string hash = VisitorTokenHash(*call);
  if (hash.empty()) {
    co_return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED,
                              "only the capability token itself can be renewed");
  }
  auto token = co_await channels::RenewToken(service_.context, call->deadline(), VisitorOf(*call), hash,
                                             absl::FromChrono(service_.config.token_life),
                                             absl::FromChrono(service_.config.token_grace));
  if (!token.ok()) co_return token.status();
  v1::RenewTokenResponse response;
  response.set_visitor_token(*std::move(token));
  co_return response;
}

}  // namespace haven::channels
