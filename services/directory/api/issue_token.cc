#include <google/protobuf/util/time_util.h>

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "services/directory/api/credentials.h"
#include "services/directory/api/internal_api.h"

namespace haven::directory {

async::Task<absl::StatusOr<InternalApi::IssueTokenResponse>> InternalApi::IssueToken(rpc::CallPtr call,
                                                                                     IssueTokenRequest request) {
  const std::string_view kind = request.credential().starts_with("hvk_") ? "key" : "session";
  if (service_.issuer == nullptr) {
    co_return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                              "this process signs no tokens");
  }
  auto resolved = co_await ResolveCredential(service_, call->deadline(), std::move(*request.mutable_credential()));
  service_.metrics.tokens
      .With({kind, resolved.ok()                         ? "ok"
                   : absl::IsNotFound(resolved.status()) ? "refused"
                                                         : "failed"})
      .Add();
  if (!resolved.ok()) co_return resolved.status();
  auto token = service_.issuer->Issue(resolved->identity);
  if (!token.ok()) co_return token.status();
  IssueTokenResponse response;
  response.set_token(*std::move(token));
  *response.mutable_expire_time() =
      google::protobuf::util::TimeUtil::SecondsToTimestamp(absl::ToUnixSeconds(resolved->identity.expires));
  if (resolved->user) *response.mutable_user() = UserOf(*resolved->user);
  co_return response;
}

}  // namespace haven::directory
