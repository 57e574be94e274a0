#include "libs/events/codec.h"

#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace haven::events {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

constexpr std::string_view kPrefix = "EVENT_KIND_";

std::vector<std::string> MakeKindNames() {
  std::vector<std::string> names;
  for (int i = 0; i < v1::EventKind_ARRAYSIZE; ++i) {
    auto name = i == 0 ? std::string() : v1::EventKind_Name(static_cast<EventKind>(i));
    names.push_back(name.empty() ? name : absl::AsciiStrToLower(name.substr(kPrefix.size())));
  }
  return names;
}

const std::vector<std::string>& KindNames() {
  static const auto* const names = new std::vector<std::string>(MakeKindNames());
  return *names;
}

EventKind KindOf(std::string_view name) {
  const auto& names = KindNames();
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<EventKind>(i);
  }
  return v1::EVENT_KIND_UNSPECIFIED;
}

class Writer {
 public:
  void Text(const char* name, std::string_view value) {
    if (value.empty()) return;
    fields.emplace_back(name);
    fields.emplace_back(value);
  }
  void Number(const char* name, std::int64_t value) {
    if (value != 0) Text(name, std::to_string(value));
  }
  void Time(const char* name, bool has, const Timestamp& value) {
    if (has) Number(name, TimeUtil::TimestampToMilliseconds(value));
  }
  std::vector<std::string> fields;
};

std::optional<std::int64_t> ToNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// False: not a number. Times beyond what Timestamp can hold are none either.
bool SetTime(std::string_view text, Timestamp* out) {
  const auto ms = ToNumber(text);
  if (!ms || *ms < 0 || *ms > 253'402'300'799'999) return false;
  *out = TimeUtil::MillisecondsToTimestamp(*ms);
  return true;
}

bool SetField(char name, const std::string& value, Event& event) {
  switch (name) {
    case 'k':
      event.set_kind(KindOf(value));
      return true;
    case 'i':
      event.set_id(value);
      return true;
    case 't':
      return SetTime(value, event.mutable_event_time());
    case 'c':
      event.set_contact_id(value);
      return true;
    case 'v':
      event.set_conversation_id(value);
      return true;
    case 'a':
      event.set_agent_id(value);
      return true;
    case 'q':
      event.set_queue(value);
      return true;
    case 'r':
      event.set_reservation_id(value);
      return true;
    case 'e':
      event.set_epoch(ToNumber(value).value_or(0));
      return ToNumber(value).has_value();
    case 's':
      event.set_sequence(ToNumber(value).value_or(0));
      return ToNumber(value).has_value();
    case 'd':
      return SetTime(value, event.mutable_deadline_time());
    case 'm':
      event.set_message_id(value);
      return true;
    case 'x':
      event.set_code(value);
      return true;
    case 'n':
      event.set_session_id(value);
      return true;
    default:
      return true;
  }
}

}  // namespace

std::string StreamKey(std::string_view hub) {
  return absl::StrCat("haven:{", std::string(hub), "}:events");
}

std::string_view KindName(EventKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < KindNames().size() ? std::string_view(KindNames()[index]) : std::string_view();
}

std::vector<std::string> EncodeFields(const Event& event) {
  Writer writer;
  writer.fields.reserve(20);
  writer.Text("k", KindName(event.kind()));
  writer.Text("i", event.id());
  writer.Time("t", event.has_event_time(), event.event_time());
  writer.Text("c", event.contact_id());
  writer.Text("v", event.conversation_id());
  writer.Text("a", event.agent_id());
  writer.Text("q", event.queue());
  writer.Text("r", event.reservation_id());
  writer.Number("e", event.epoch());
  writer.Number("s", event.sequence());
  writer.Time("d", event.has_deadline_time(), event.deadline_time());
  writer.Text("m", event.message_id());
  writer.Text("x", event.code());
  writer.Text("n", event.session_id());
  return std::move(writer.fields);
}

absl::StatusOr<Event> Decode(const redis::StreamEntry& entry) {
  Event event;
  bool has_kind = false;
  for (const auto& [name, value] : entry.fields) {
    if (name.size() != 1) continue;
    has_kind |= name[0] == 'k';
    if (!SetField(name[0], value, event)) {
      return absl::InvalidArgumentError(
          absl::StrCat("event ", entry.id.ToString(), ": field ", name, " is not a number in range"));
    }
  }
  if (!has_kind) return absl::InvalidArgumentError(absl::StrCat("event ", entry.id.ToString(), ": no kind"));
  if (event.id().empty()) event.set_id(entry.id.ToString());
  if (!event.has_event_time())
    *event.mutable_event_time() = TimeUtil::MillisecondsToTimestamp(static_cast<std::int64_t>(entry.id.ms));
  return event;
}

}  // namespace haven::events
