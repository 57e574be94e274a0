#include "services/directory/client/credential_client.h"

#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/channels/v1/contact_service.pb.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "libs/core/error.h"

namespace haven::directory {
namespace {

namespace channels = ::haven::internal::channels::v1;
namespace wire = ::haven::internal::directory::v1;

// Streams of a chat last at most so long and are begun again by the page.
constexpr absl::Duration kVisitorLife = absl::Hours(12);

absl::Status NotValid() {
  return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED,
                         "credential not valid");
}

async::Task<absl::StatusOr<rpc::Identity>> AskForToken(std::shared_ptr<rpc::Channel> directory,
                                                       rpc::TokenVerifier* tokens, core::Deadline deadline,
                                                       std::string credential) {
  wire::IssueTokenRequest request;
  request.set_credential(std::move(credential));
  rpc::CallOptions options(deadline);
  options.attempts = 2;
  auto response = co_await directory->Call<wire::IssueTokenRequest, wire::IssueTokenResponse>(
      "haven.internal.directory.v1.DirectoryInternalService/IssueToken", std::move(request), std::move(options));
  if (!response.ok()) co_return response.status();
  auto identity = tokens->Verify(response->token());
  if (!identity.ok()) co_return identity.status();
  co_return **identity;
}

}  // namespace

CredentialClient::ResolveKey CredentialClient::AskDirectory(std::shared_ptr<rpc::Channel> directory,
                                                            rpc::TokenVerifier* tokens) {
  return [directory = std::move(directory), tokens](core::Deadline deadline, std::string credential) {
    return AskForToken(directory, tokens, deadline, std::move(credential));
  };
}

async::Task<absl::StatusOr<rpc::Identity>> CredentialClient::Resolve(core::Deadline deadline, std::string credential) {
  if (credential.starts_with("hvv_")) co_return co_await ResolveVisitor(deadline, std::move(credential));
  if (!credential.starts_with("hvk_")) co_return NotValid();
  auto identity = co_await keys_(deadline, std::move(credential));
  if (absl::IsNotFound(identity.status())) co_return NotValid();
  co_return identity;
}

async::Task<absl::StatusOr<rpc::Identity>> CredentialClient::ResolveVisitor(core::Deadline deadline,
                                                                            std::string credential) {
  channels::ResolveVisitorRequest request;
  request.set_visitor_token(std::move(credential));
  rpc::CallOptions options(deadline);
  options.attempts = 2;
  auto response = co_await channels_->Call<channels::ResolveVisitorRequest, channels::ResolveVisitorResponse>(
      "haven.internal.channels.v1.ContactService/ResolveVisitor", std::move(request), std::move(options));
  if (absl::IsNotFound(response.status())) co_return NotValid();
  if (!response.ok()) co_return response.status();
  rpc::Identity identity;
  identity.kind = rpc::IdentityKind::kVisitor;
  identity.subject = response->conversation_id();
  identity.expires = clock_.Now() + kVisitorLife;
  co_return identity;
}

}  // namespace haven::directory
