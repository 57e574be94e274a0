#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"
#include "haven/channels/v1/conversation.pb.h"
#include "services/channels/domain/types.h"

// Between the domain's types and the wire.
namespace haven::channels {

void SetTime(absl::Time time, google::protobuf::Timestamp* out);

// For people of the organisation. The request id goes to its author alone.
v1::Message ForStaff(const Message& message, const UserId& reader);
// For the person: no id of a user or contact, the agent's public name. Notes must not come here.
v1::Message ForVisitor(const Message& message);

v1::Contact ToProto(const Contact& contact);
v1::Person ToProto(const Person& person);
v1::Conversation ToProto(const Conversation& conversation, const Person& person, const std::optional<Contact>& open);

}  // namespace haven::channels
