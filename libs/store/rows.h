#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

struct pg_result;

namespace haven::store {

// The outcome of one statement: rows by index, columns by their place in the select list. Cheap to copy (shared).
// A getter that does not fit the column's type is a mistake of ours: it asserts, and yields a zero value in release.
// NULL yields the zero value; ask IsNull, or use the Opt getters, where it matters.
class Rows {
 public:
  Rows() = default;
  explicit Rows(pg_result* result);  // takes ownership

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Rows inserted, updated or deleted, or selected.
  std::int64_t affected() const;

  bool IsNull(int row, int column) const;
  std::string_view TextView(int row,
                            int column) const;  // text, varchar, name, enum, json, jsonb; lives as long as Rows
  std::string Text(int row, int column) const;  // as TextView, and uuid in canonical form
  std::int64_t Int(int row, int column) const;  // int2, int4, int8
  double Float(int row, int column) const;      // float4, float8
  bool Bool(int row, int column) const;
  std::string Bytes(int row, int column) const;                   // bytea
  std::string_view BytesView(int row, int column) const;          // bytea; lives as long as Rows
  absl::Time Time(int row, int column) const;                     // timestamptz
  std::vector<std::string> TextArray(int row, int column) const;  // text[], uuid[]; NULL elements become ""
  std::vector<std::int64_t> IntArray(int row, int column) const;  // int2[], int4[], int8[]; NULL elements become 0
  std::optional<std::string> OptText(int row, int column) const;
  std::optional<std::int64_t> OptInt(int row, int column) const;
  std::optional<absl::Time> OptTime(int row, int column) const;

 private:
  // The raw binary value; empty if NULL.
  std::string_view Raw(int row, int column) const;
  unsigned Type(int column) const;

  std::shared_ptr<pg_result> result_;
  int size_ = 0;
};

}  // namespace haven::store
