#include "services/channels/api/contact_api.h"

namespace haven::channels {

void ContactApi::Register(rpc::Registry& registry) {
  const std::string service = "haven.internal.channels.v1.ContactService";
  registry.Unary(service + "/ApplyFlowStep", this, &ContactApi::ApplyFlowStep);
  registry.Unary(service + "/ApplyOwner", this, &ContactApi::ApplyOwner);
  registry.Unary(service + "/CloseContact", this, &ContactApi::CloseContact);
  registry.Unary(service + "/RecordWrapUp", this, &ContactApi::RecordWrapUp);
  registry.Unary(service + "/DescribeContacts", this, &ContactApi::DescribeContacts);
  registry.Unary(service + "/ReadMessages", this, &ContactApi::ReadMessages);
  registry.Unary(service + "/ResolveVisitor", this, &ContactApi::ResolveVisitor);
  registry.Implements(service);
}

}  // namespace haven::channels
