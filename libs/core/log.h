#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "libs/core/ids.h"

namespace haven::core {

enum class LogLevel : int { kDebug, kInfo, kWarning, kError };

// A name written in the source: it cannot be built from data, so nothing personal gets into keys and events.
class LogName {
 public:
  template <std::size_t N>
  consteval LogName(const char (&literal)[N]) : text_(literal, N - 1) {}  // NOLINT: implicit by purpose
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// Text that its writer declares free of personal data and message content (a file path, a provider's name, a version).
struct PlainText {
  std::string_view text;
};

// A value of a log line. Numbers, flags, durations, ids, literals, statuses and declared plain text; no free strings.
class LogValue {
 public:
  enum class Kind { kInt, kDouble, kBool, kText, kStatus };

  LogValue(bool v) : kind_(Kind::kBool), int_(v) {}  // NOLINT
  template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
  LogValue(T v) : kind_(Kind::kInt), int_(static_cast<std::int64_t>(v)) {}  // NOLINT
  LogValue(double v) : kind_(Kind::kDouble), double_(v) {}                  // NOLINT
  LogValue(LogName v) : kind_(Kind::kText), text_(v.text()) {}              // NOLINT
  LogValue(PlainText v) : kind_(Kind::kText), text_(v.text) {}              // NOLINT
  LogValue(const absl::Status& v) : kind_(Kind::kStatus), status_(&v) {}    // NOLINT: code, reason and message
  template <std::size_t N>
  consteval LogValue(const char (&literal)[N]) : kind_(Kind::kText), text_(literal, N - 1) {}  // NOLINT
  // Milliseconds with fraction.
  template <class Rep, class Period>
  LogValue(std::chrono::duration<Rep, Period> v)  // NOLINT
      : kind_(Kind::kDouble), double_(std::chrono::duration<double, std::milli>(v).count()) {}
  template <class Tag>
  LogValue(const Id<Tag>& v) : kind_(Kind::kText), text_(v.value()) {}  // NOLINT

  Kind kind() const { return kind_; }
  std::int64_t as_int() const { return int_; }
  double as_double() const { return double_; }
  std::string_view as_text() const { return text_; }
  const absl::Status& as_status() const { return *status_; }

 private:
  Kind kind_;
  std::int64_t int_ = 0;
  double double_ = 0;
  std::string_view text_;
  const absl::Status* status_ = nullptr;
};

struct LogField {
  LogName key;
  LogValue value;
};

// Writes one JSON object a line: {"time":"...Z","level":"info","service":"routing","event":"enqueued",...}.
//   log.Info("enqueued", {{"queue", queue_id}, {"waited_ms", waited}});
// An event that repeats more than 20 times in 10 s is held back; the next line of it says how many in "held_back".
// Thread-safe; cheap when the level is off. Values are read before the call returns.
class Logger {
 public:
  explicit Logger(std::string service) : service_(std::move(service)) {}

  // A copy whose lines carry the trace id (32 hex digits).
  Logger WithTrace(std::string trace_id) const;

  void Debug(LogName event, std::initializer_list<LogField> fields = {}) const {
    Write(LogLevel::kDebug, event, fields);
  }
  void Info(LogName event, std::initializer_list<LogField> fields = {}) const { Write(LogLevel::kInfo, event, fields); }
  void Warning(LogName event, std::initializer_list<LogField> fields = {}) const {
    Write(LogLevel::kWarning, event, fields);
  }
  void Error(LogName event, std::initializer_list<LogField> fields = {}) const {
    Write(LogLevel::kError, event, fields);
  }
  void Write(LogLevel level, LogName event, std::initializer_list<LogField> fields) const;

 private:
  std::string service_;
  std::string trace_;
};

// Of the process; the default is info, to standard error.
void SetLogLevel(LogLevel level);
bool ParseLogLevel(std::string_view name, LogLevel* level);
// Tests look at lines instead of printing them; nullptr restores standard error. Called under a lock.
void SetLogSink(std::function<void(std::string_view line)> sink);
// The time of lines and of the hold-back window, for tests; nullptr restores the machine's.
void SetLogClock(const Clock* clock);

}  // namespace haven::core
