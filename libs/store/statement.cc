#include "libs/store/statement.h"

#include <charconv>

#include "libs/store/text.h"

namespace haven::store {
namespace {

void AppendArrayElement(std::string& out, std::string_view value) {
  out.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

template <class Values, class AppendOne>
std::string ArrayLiteral(const Values& values, AppendOne append_one) {
  std::string out = "{";
  for (const auto& value : values) {
    if (out.size() > 1) out.push_back(',');
    append_one(out, value);
  }
  out.push_back('}');
  return out;
}

}  // namespace

Params& Params::AddText(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) holds_nul_ = true;
  values_.push_back({buffer_.size(), value.size(), false, false});
  buffer_.append(value);
  buffer_.push_back('\0');
  return *this;
}

Params& Params::AddInt(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return AddText(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

Params& Params::AddFloat(double value) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return AddText(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

Params& Params::AddBytes(std::string_view value) {
  values_.push_back({buffer_.size(), value.size(), false, true});
  buffer_.append(value);
  buffer_.push_back('\0');
  return *this;
}

Params& Params::AddTime(absl::Time value) {
  if (value == absl::InfiniteFuture()) return AddText("infinity");
  if (value == absl::InfinitePast()) return AddText("-infinity");
  return AddText(absl::FormatTime("%Y-%m-%d %H:%M:%E6S+00", value, absl::UTCTimeZone()));
}

Params& Params::AddNull() {
  values_.push_back({0, 0, true, false});
  return *this;
}

Params& Params::AddTextArray(const std::vector<std::string>& values) {
  return AddText(ArrayLiteral(values, [](std::string& out, const std::string& v) { AppendArrayElement(out, v); }));
}

Params& Params::AddIntArray(const std::vector<std::int64_t>& values) {
  return AddText(ArrayLiteral(values, [](std::string& out, std::int64_t v) { AppendPiece(out, v); }));
}

Params& Params::AddBytesArray(const std::vector<std::string>& values) {
  return AddText(ArrayLiteral(
      values, [](std::string& out, const std::string& v) { AppendArrayElement(out, Cat("\\x", Hex(v))); }));
}

}  // namespace haven::store
