#include "libs/core/log.h"

#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::core {
namespace {

constexpr int kLinesPerWindow = 20;
constexpr auto kWindow = absl::Seconds(10);
constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};

std::atomic<LogLevel> g_level{LogLevel::kInfo};

struct Window {
  absl::Time begun = absl::InfinitePast();
  int lines = 0;
  std::int64_t held_back = 0;
};

struct Output {
  std::mutex mutex;
  std::function<void(std::string_view)> sink;
  const Clock* clock = &SystemClock();
  // Bounded by the number of (service, event) literals in the source.
  std::map<std::pair<std::string, std::string_view>, Window> windows;
};

Output& TheOutput() {
  static auto* output = new Output;  // never destroyed: threads log while the process ends
  return *output;
}

void AppendEscaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (const char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(ch);
    } else if (c < 0x20 || c == 0x7f) {
      absl::StrAppend(&out, "\\u00");
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    } else {
      // Log text is ours and in English; a byte outside ASCII is shown as a question mark rather than trusted.
      out.push_back(c < 0x80 ? ch : '?');
    }
  }
  out.push_back('"');
}

void AppendStatus(std::string& out, const absl::Status& status) {
  absl::StrAppend(&out, "{\"code\":");
  AppendEscaped(out, absl::StatusCodeToString(status.code()));
  if (const auto reason = ReasonOf(status)) {
    absl::StrAppend(&out, ",\"reason\":");
    AppendEscaped(out, errors::v1::Reason_Name(*reason));
    // Only our own messages are known to be free of personal data; a library's may quote what it was given.
    absl::StrAppend(&out, ",\"message\":");
    AppendEscaped(out, std::string(status.message()));
  }
  out.push_back('}');
}

void AppendValue(std::string& out, const LogValue& value) {
  switch (value.kind()) {
    case LogValue::Kind::kInt:
      absl::StrAppend(&out, value.as_int());
      return;
    case LogValue::Kind::kDouble:
      absl::StrAppend(&out, value.as_double());
      return;
    case LogValue::Kind::kBool:
      absl::StrAppend(&out, value.as_int() != 0 ? "true" : "false");
      return;
    case LogValue::Kind::kText:
      return AppendEscaped(out, value.as_text());
    case LogValue::Kind::kStatus:
      return AppendStatus(out, value.as_status());
  }
}

void AppendPair(std::string& out, std::string_view key, std::string_view text) {
  if (out.size() > 1) out.push_back(',');
  AppendEscaped(out, key);
  out.push_back(':');
  AppendEscaped(out, text);
}

void WriteAll(std::string_view line) {
  while (!line.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
    if (n <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

Logger Logger::WithTrace(std::string trace_id) const {
  Logger copy = *this;
  copy.trace_ = std::move(trace_id);
  return copy;
}

void Logger::Write(LogLevel level, LogName event, std::initializer_list<LogField> fields) const {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  auto& output = TheOutput();
  std::lock_guard lock(output.mutex);
  const absl::Time now = output.clock->Now();
  auto& window = output.windows[{service_, event.text()}];
  if (now - window.begun >= kWindow || now < window.begun) {
    window.begun = now;
    window.lines = 0;
  }
  if (++window.lines > kLinesPerWindow) {
    ++window.held_back;
    return;
  }
  std::string line = "{";
  AppendPair(line, "time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone()));
  AppendPair(line, "level", kLevels[static_cast<int>(level)]);
  AppendPair(line, "service", service_);
  AppendPair(line, "event", event.text());
  if (!trace_.empty()) AppendPair(line, "trace", trace_);
  for (const auto& field : fields) {
    line.push_back(',');
    AppendEscaped(line, field.key.text());
    line.push_back(':');
    AppendValue(line, field.value);
  }
  if (window.held_back > 0) absl::StrAppend(&line, ",\"held_back\":", std::exchange(window.held_back, 0));
  absl::StrAppend(&line, "}\n");
  if (output.sink) {
    output.sink(line);
  } else {
    WriteAll(line);
  }
}

void SetLogLevel(LogLevel level) {
  g_level = level;
}

bool ParseLogLevel(std::string_view name, LogLevel* level) {
  for (int i = 0; i < 4; ++i) {
    if (name == kLevels[i]) {
      *level = static_cast<LogLevel>(i);
      return true;
    }
  }
  return false;
}

void SetLogSink(std::function<void(std::string_view line)> sink) {
  auto& output = TheOutput();
  std::lock_guard lock(output.mutex);
  output.sink = std::move(sink);
}

void SetLogClock(const Clock* clock) {
  auto& output = TheOutput();
  std::lock_guard lock(output.mutex);
  output.clock = clock == nullptr ? &SystemClock() : clock;
  output.windows.clear();
}

}  // namespace haven::core
