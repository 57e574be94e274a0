#include "libs/store/rows.h"

#include <libpq-fe.h>

#include <bit>
#include <cassert>
#include <charconv>

#include "libs/store/text.h"

namespace haven::store {
namespace {

// pg_type.dat of PostgreSQL 15: numbers of built-in types never change.
enum Oid : unsigned {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kFloat4 = 700,
  kFloat8 = 701,
  kTimestamptz = 1184,
  kNumeric = 1700,
  kUuid = 2950,
  kJsonb = 3802,
};

// Seconds from the Unix epoch to PostgreSQL's, 2000-01-01.
constexpr std::int64_t kEpochMicros = 946'684'800'000'000;

template <class T>
T BigEndian(std::string_view raw) {
  T out = 0;
  for (std::size_t i = 0; i < sizeof(T) && i < raw.size(); ++i) out = static_cast<T>((out << 8) | (raw[i] & 0xff));
  return out;
}

std::int64_t DecodeInt(unsigned type, std::string_view raw) {
  switch (type) {
    case kInt8:
      return static_cast<std::int64_t>(BigEndian<std::uint64_t>(raw));
    case kInt4:
      return static_cast<std::int32_t>(BigEndian<std::uint32_t>(raw));
    case kInt2:
      return static_cast<std::int16_t>(BigEndian<std::uint16_t>(raw));
    default:
      assert(false && "column is no integer");
      return 0;
  }
}

std::string DecodeText(unsigned type, std::string_view raw) {
  if (type != kUuid || raw.size() != 16) return std::string(raw);
  const std::string hex = Hex(raw);
  return Cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4), "-",
             hex.substr(20));
}

// Calls each(element type, raw bytes) for a one-dimensional array in binary form (src/backend/utils/adt/arrayfuncs.c).
template <class Each>
void ForEachElement(std::string_view raw, Each each) {
  if (raw.size() < 20) return;  // NULL or no elements
  const auto type = BigEndian<std::uint32_t>(raw.substr(8));
  const auto count = BigEndian<std::uint32_t>(raw.substr(12));
  raw.remove_prefix(20);
  for (std::uint32_t i = 0; i < count && raw.size() >= 4; ++i) {
    const auto size = static_cast<std::int32_t>(BigEndian<std::uint32_t>(raw));
    raw.remove_prefix(4);
    const auto length = size < 0 ? 0 : static_cast<std::size_t>(size);
    each(type, raw.substr(0, length), size < 0);
    raw.remove_prefix(std::min(length, raw.size()));
  }
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result, &PQclear), size_(PQntuples(result)) {}

std::int64_t Rows::affected() const {
  if (!result_) return 0;
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool Rows::IsNull(int row, int column) const {
  assert(result_ && row < size_ && column < PQnfields(result_.get()));
  return !result_ || PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Rows::Raw(int row, int column) const {
  if (IsNull(row, column)) return {};
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

unsigned Rows::Type(int column) const {
  return result_ ? PQftype(result_.get(), column) : 0;
}

std::string_view Rows::TextView(int row, int column) const {
  std::string_view raw = Raw(row, column);
  switch (Type(column)) {
    case kJsonb:
      if (!raw.empty()) raw.remove_prefix(1);  // the format's version
      return raw;
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
    case kFloat4:
    case kFloat8:
    case kNumeric:
    case kTimestamptz:
    case kUuid:
      assert(false && "column is no text");
      return {};
    default:
      return raw;
  }
}

std::string Rows::Text(int row, int column) const {
  if (Type(column) == kUuid) return DecodeText(kUuid, Raw(row, column));
  return std::string(TextView(row, column));
}

std::int64_t Rows::Int(int row, int column) const {
  return IsNull(row, column) ? 0 : DecodeInt(Type(column), Raw(row, column));
}

double Rows::Float(int row, int column) const {
  if (IsNull(row, column)) return 0;
  if (Type(column) == kFloat4) return std::bit_cast<float>(BigEndian<std::uint32_t>(Raw(row, column)));
  assert(Type(column) == kFloat8 && "column is no float");
  return std::bit_cast<double>(BigEndian<std::uint64_t>(Raw(row, column)));
}

bool Rows::Bool(int row, int column) const {
  assert(Type(column) == kBool && "column is no bool");
  const auto raw = Raw(row, column);
  return raw.size() == 1 && raw[0] != 0;
}

std::string Rows::Bytes(int row, int column) const {
  return std::string(BytesView(row, column));
}

std::string_view Rows::BytesView(int row, int column) const {
  assert(Type(column) == kBytea && "column is no bytea");
  return Raw(row, column);
}

absl::Time Rows::Time(int row, int column) const {
  assert(Type(column) == kTimestamptz && "column is no timestamptz");
  if (IsNull(row, column)) return absl::UnixEpoch();
  const auto micros = static_cast<std::int64_t>(BigEndian<std::uint64_t>(Raw(row, column)));
  if (micros == INT64_MAX) return absl::InfiniteFuture();
  if (micros == INT64_MIN) return absl::InfinitePast();
  return absl::FromUnixMicros(micros + kEpochMicros);
}

std::vector<std::string> Rows::TextArray(int row, int column) const {
  std::vector<std::string> out;
  ForEachElement(Raw(row, column), [&](unsigned type, std::string_view raw, bool null) {
    out.push_back(null ? std::string() : DecodeText(type, raw));
  });
  return out;
}

std::vector<std::int64_t> Rows::IntArray(int row, int column) const {
  std::vector<std::int64_t> out;
  ForEachElement(Raw(row, column), [&](unsigned type, std::string_view raw, bool null) {
    out.push_back(null ? 0 : DecodeInt(type, raw));
  });
  return out;
}

std::optional<std::string> Rows::OptText(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Text(row, column);
}

std::optional<std::int64_t> Rows::OptInt(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Int(row, column);
}

std::optional<absl::Time> Rows::OptTime(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Time(row, column);
}

}  // namespace haven::store
