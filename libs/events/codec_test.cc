#include "libs/events/codec.h"

#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace haven::events {
namespace {

using google::protobuf::util::TimeUtil;

redis::StreamEntry Entry(const std::vector<std::string>& fields) {
  redis::StreamEntry entry;
  entry.id = {1700000000123, 4};
  for (std::size_t i = 0; i < fields.size(); i += 2) entry.fields.emplace_back(fields[i], fields[i + 1]);
  return entry;
}

TEST_CASE("Codec_RoundTrip_EveryField") {
  Event event;
  event.set_id("0190c0de-0000-7000-8000-000000000001");
  event.set_kind(v1::EVENT_KIND_CONTACT_OFFERED);
  *event.mutable_event_time() = TimeUtil::MillisecondsToTimestamp(1700000000001);
  event.set_contact_id("contact");
  event.set_conversation_id("conversation");
  event.set_agent_id("agent");
  event.set_queue("general");
  event.set_reservation_id("reservation");
  event.set_epoch(3);
  event.set_sequence(8);
  *event.mutable_deadline_time() = TimeUtil::MillisecondsToTimestamp(1700000020001);
  event.set_message_id("message");
  event.set_code("direct");
  event.set_session_id("session-1");
  // A field added to the message must be set above, and the codec must know it.
  std::vector<const google::protobuf::FieldDescriptor*> set;
  event.GetReflection()->ListFields(event, &set);
  REQUIRE(static_cast<int>(set.size()) == Event::descriptor()->field_count());
  CHECK(EncodeFields(event).size() == 2 * static_cast<std::size_t>(Event::descriptor()->field_count()));
  const auto decoded = Decode(Entry(EncodeFields(event)));
  REQUIRE(decoded.ok());
  CHECK(google::protobuf::util::MessageDifferencer::Equals(*decoded, event));
}

TEST_CASE("Codec_EveryKind_HasANameOfItsOwn") {
  for (int i = 1; i < v1::EventKind_ARRAYSIZE; ++i) {
    Event event;
    event.set_kind(static_cast<EventKind>(i));
    const auto fields = EncodeFields(event);
    REQUIRE(fields.size() == 2);
    CHECK(Decode(Entry(fields))->kind() == event.kind());
  }
  CHECK(KindName(v1::EVENT_KIND_MESSAGE_ADDED) == "message_added");
  CHECK(KindName(v1::EVENT_KIND_UNSPECIFIED).empty());
  CHECK(KindName(static_cast<EventKind>(999)).empty());
}

TEST_CASE("Decode_ScriptsEntry_TakesIdAndTimeFromTheStream") {
  const auto event = Decode(Entry({"k", "agent_activity", "a", "agent", "x", "break"}));
  REQUIRE(event.ok());
  CHECK(event->id() == "1700000000123-4");
  CHECK(TimeUtil::TimestampToMilliseconds(event->event_time()) == 1700000000123);
  CHECK(event->code() == "break");
}

TEST_CASE("Decode_NewerWriter_IsTolerated") {
  const auto event = Decode(Entry({"k", "contact_teleported", "c", "contact", "z", "?", "zz", "?"}));
  REQUIRE(event.ok());
  CHECK(event->kind() == v1::EVENT_KIND_UNSPECIFIED);
  CHECK(event->contact_id() == "contact");
}

TEST_CASE("Decode_Malformed_IsAnError") {
  CHECK_FALSE(Decode(Entry({})).ok());
  CHECK_FALSE(Decode(Entry({"c", "contact"})).ok());
  for (const std::string name : {"e", "s", "t", "d"}) {
    for (const std::string value : {"", "x", "1x", "99999999999999999999"}) {
      CAPTURE(name, value);
      CHECK_FALSE(Decode(Entry({"k", "contact_ended", name, value})).ok());
    }
  }
  CHECK_FALSE(Decode(Entry({"k", "contact_ended", "t", "-1"})).ok());
  CHECK_FALSE(Decode(Entry({"k", "contact_ended", "d", "253402300800000"})).ok());
}

TEST_CASE("StreamKey_IsInTheHubsSlot") {
  CHECK(StreamKey("lb") == "haven:{lb}:events");
}

}  // namespace
}  // namespace haven::events
