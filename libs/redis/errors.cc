#include "libs/redis/errors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/redis/redis.h"

namespace haven::redis {
namespace {

constexpr std::string_view kOutcomeKey = "outcome";
constexpr std::string_view kErrorKey = "redis_error";
constexpr std::string_view kNone = "none";
constexpr std::string_view kUnknown = "unknown";
constexpr std::size_t kMaxText = 300;

// The server cannot serve now and has done nothing.
constexpr std::array<std::string_view, 10> kAway = {"LOADING",     "READONLY", "MASTERDOWN", "NOREPLICAS", "BUSY",
                                                    "CLUSTERDOWN", "TRYAGAIN", "MISCONF",    "NOAUTH",     "UNBLOCKED"};

std::string Name(Outcome outcome) {
  return std::string(outcome == Outcome::kNone ? kNone : kUnknown);
}

core::ErrorMetadata Metadata(Outcome outcome, std::string_view error = {}) {
  core::ErrorMetadata metadata;
  metadata.emplace_back(kOutcomeKey, Name(outcome));
  if (!error.empty()) metadata.emplace_back(kErrorKey, error);
  return metadata;
}

// Replaces each "user_script:LINE" by "<script>:<line in its body>".
std::string TellLines(std::string_view text, std::string_view script, int prelude_lines) {
  constexpr std::string_view kChunk = "user_script:";
  std::string out;
  for (;;) {
    const auto at = text.find(kChunk);
    if (at == std::string_view::npos) break;
    out.append(text.substr(0, at)).append(script).push_back(':');
    text.remove_prefix(at + kChunk.size());
    int line = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), line);
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (line > prelude_lines) {
      absl::StrAppend(&out, line - prelude_lines);
    } else {
      absl::StrAppend(&out, "prelude ", line);
    }
  }
  return out.append(text);
}

}  // namespace

absl::Status Unavailable(std::string_view message, Outcome outcome) {
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, message,
                         Metadata(outcome));
}

absl::Status TimedOut(Outcome outcome) {
  return core::MakeError(absl::StatusCode::kDeadlineExceeded, errors::v1::REASON_DEADLINE_EXCEEDED,
                         "Redis did not answer in time", Metadata(outcome));
}

absl::Status Overloaded(std::string_view message) {
  return core::LimitError(errors::v1::REASON_OVERLOADED, message, std::chrono::milliseconds(1000));
}

std::string_view Presentable(std::string_view reply) {
  reply = reply.substr(0, reply.find(", with args beginning with"));
  return reply.substr(0, kMaxText);
}

std::string_view ErrorCode(std::string_view reply) {
  return reply.substr(0, reply.find(' '));
}

bool SpoilsConnection(std::string_view reply) {
  const auto code = ErrorCode(reply);
  return code == "READONLY" || code == "NOAUTH" || code == "MASTERDOWN";
}

absl::Status FromErrorReply(std::string_view reply, std::string_view script, int prelude_lines) {
  const auto code = ErrorCode(reply);
  const auto text =
      script.empty() ? std::string(Presentable(reply)) : TellLines(Presentable(reply), script, prelude_lines);
  if (code == "OOM") return Overloaded("Redis is out of memory");
  // An error reply to a plain command means that nothing was done; a script may have written before it met the error.
  const auto outcome = script.empty() ? Outcome::kNone : Outcome::kUnknown;
  if (std::find(kAway.begin(), kAway.end(), code) != kAway.end()) {
    return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, text,
                           Metadata(outcome, code));
  }
  return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG, text, Metadata(outcome, code));
}

std::string RedisErrorOf(const absl::Status& status) {
  return core::MetadataOf(status, kErrorKey);
}

bool PerhapsExecuted(const absl::Status& status) {
  if (status.ok()) return true;
  const auto outcome = core::MetadataOf(status, kOutcomeKey);
  if (!outcome.empty()) return outcome != kNone;
  return status.code() != absl::StatusCode::kResourceExhausted;
}

}  // namespace haven::redis
