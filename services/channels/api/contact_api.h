#pragma once

#include "haven/internal/channels/v1/contact_service.pb.h"
#include "libs/rpc/registry.h"
#include "services/channels/api/service.h"

namespace haven::channels {

namespace wire = ::haven::internal::channels::v1;

// haven.internal.channels.v1.ContactService: what other services ask. One file per method or tight family.
class ContactApi {
 public:
  explicit ContactApi(Service* service) : service_(*service) {}
  void Register(rpc::Registry& registry);

  async::Task<absl::StatusOr<wire::ApplyFlowStepResponse>> ApplyFlowStep(rpc::CallPtr call,
                                                                         wire::ApplyFlowStepRequest request);
  async::Task<absl::StatusOr<wire::ApplyOwnerResponse>> ApplyOwner(rpc::CallPtr call, wire::ApplyOwnerRequest request);
  async::Task<absl::StatusOr<wire::CloseContactResponse>> CloseContact(rpc::CallPtr call,
                                                                       wire::CloseContactRequest request);
  async::Task<absl::StatusOr<wire::RecordWrapUpResponse>> RecordWrapUp(rpc::CallPtr call,
                                                                       wire::RecordWrapUpRequest request);
  async::Task<absl::StatusOr<wire::DescribeContactsResponse>> DescribeContacts(rpc::CallPtr call,
                                                                               wire::DescribeContactsRequest request);
  async::Task<absl::StatusOr<wire::ReadMessagesResponse>> ReadMessages(rpc::CallPtr call,
                                                                       wire::ReadMessagesRequest request);
  async::Task<absl::StatusOr<wire::ResolveVisitorResponse>> ResolveVisitor(rpc::CallPtr call,
                                                                           wire::ResolveVisitorRequest request);

 private:
  Service& service_;
};

}  // namespace haven::channels
