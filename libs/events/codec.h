#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "haven/events/v1/events.pb.h"
#include "libs/redis/stream_reader.h"

namespace haven::events {

using v1::Event;
using v1::EventKind;

// "haven:{hub}:events".
std::string StreamKey(std::string_view hub);

// "contact_offered"; empty for UNSPECIFIED.
std::string_view KindName(EventKind kind);

// The fields of an entry, name and value in turn, as XADD takes them: README.md lists the names, which scripts write
// themselves. What is empty or 0 is left out.
std::vector<std::string> EncodeFields(const Event& event);

// INVALID_ARGUMENT for an entry without a kind or with a number that is none. An unknown kind gives UNSPECIFIED and
// unknown fields are ignored: a newer release wrote them.
absl::StatusOr<Event> Decode(const redis::StreamEntry& entry);

}  // namespace haven::events
