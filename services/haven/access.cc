#include "services/haven/access.h"

#include <google/protobuf/descriptor.h>

#include "haven/channels/v1/conversation_service.pb.h"
#include "haven/channels/v1/webchat_service.pb.h"
#include "haven/desk/v1/feed_service.pb.h"
#include "haven/directory/v1/directory_service.pb.h"
#include "haven/directory/v1/identity_service.pb.h"
#include "haven/internal/channels/v1/contact_service.pb.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "haven/internal/ivr/v1/flow_service.pb.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "haven/routing/v1/routing_service.pb.h"
#include "haven/system/v1/system.pb.h"
#include "libs/rpc/access.h"

namespace haven {

std::vector<std::string> PublicAndInternalServices() {
  // One message of each file: their descriptors are then in the executable, whichever services it runs.
  const google::protobuf::FileDescriptor* files[] = {channels::v1::SendMessageRequest::descriptor()->file(),
                                                     channels::v1::StartChatRequest::descriptor()->file(),
                                                     desk::v1::WatchRequest::descriptor()->file(),
                                                     directory::v1::ApplyHubRequest::descriptor()->file(),
                                                     directory::v1::SignInRequest::descriptor()->file(),
                                                     internal::channels::v1::ApplyOwnerRequest::descriptor()->file(),
                                                     internal::directory::v1::IssueTokenRequest::descriptor()->file(),
                                                     internal::ivr::v1::StepRequest::descriptor()->file(),
                                                     internal::routing::v1::EnqueueRequest::descriptor()->file(),
                                                     routing::v1::SetActivityRequest::descriptor()->file(),
                                                     system::v1::EchoRequest::descriptor()->file()};
  std::vector<std::string> out;
  for (const auto* file : files) {
    for (int i = 0; i < file->service_count(); ++i) out.push_back(file->service(i)->full_name());
  }
  return out;
}

std::string AccessDocument() {
  return "# Who may call what\n\n"
         "Written by `haven access`; a test compares it with the contract. A staff member needs one of the roles, a "
         "key the "
         "scope.\n\n" +
         rpc::AccessTable(PublicAndInternalServices());
}

}  // namespace haven
