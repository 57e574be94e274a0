#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace haven::store {

// One SQL statement, held as a constant with static lifetime:
//   constexpr Statement kInsertContact{"insert_contact", "INSERT INTO contact(id, epoch) VALUES ($1, $2)"};
// Prepared on each connection at its first use there. The name is unique within a Database (one per service), appears
// in metrics and errors, and has at most 63 characters. Parameters' types are inferred by the server from the SQL; cast
// ($1::text) where it cannot. Tables need no schema prefix: search_path is the service's schema.
struct Statement {
  const char* name;
  const char* sql;
};

// Values for $1, $2, ... in order. Built fluently: Params().Text(id).Int(epoch). Values are copied.
// Text travels in text format, so .Text() also serves json, enums, numeric and every type with a text input.
class Params {
 public:
  Params() = default;

  Params& Text(std::string_view v) & { return AddText(v); }
  Params& Int(std::int64_t v) & { return AddInt(v); }
  Params& Float(double v) & { return AddFloat(v); }
  Params& Bool(bool v) & { return AddText(v ? "t" : "f"); }
  Params& Bytes(std::string_view v) & { return AddBytes(v); }  // bytea, any bytes
  Params& Uuid(std::string_view v) & { return AddText(v); }    // canonical form
  Params& Time(absl::Time v) & { return AddTime(v); }          // timestamptz, rounded down to microseconds
  Params& Null() & { return AddNull(); }
  Params& TextArray(const std::vector<std::string>& v) & { return AddTextArray(v); }
  Params& UuidArray(const std::vector<std::string>& v) & { return AddTextArray(v); }
  Params& IntArray(const std::vector<std::int64_t>& v) & { return AddIntArray(v); }
  Params& BytesArray(const std::vector<std::string>& v) & { return AddBytesArray(v); }
  // NULL where nullopt.
  Params& OptText(const std::optional<std::string>& v) & { return v ? AddText(*v) : AddNull(); }
  Params& OptInt(std::optional<std::int64_t> v) & { return v ? AddInt(*v) : AddNull(); }
  Params& OptTime(std::optional<absl::Time> v) & { return v ? AddTime(*v) : AddNull(); }

  Params&& Text(std::string_view v) && { return std::move(this->Text(v)); }
  Params&& Int(std::int64_t v) && { return std::move(this->Int(v)); }
  Params&& Float(double v) && { return std::move(this->Float(v)); }
  Params&& Bool(bool v) && { return std::move(this->Bool(v)); }
  Params&& Bytes(std::string_view v) && { return std::move(this->Bytes(v)); }
  Params&& Uuid(std::string_view v) && { return std::move(this->Uuid(v)); }
  Params&& Time(absl::Time v) && { return std::move(this->Time(v)); }
  Params&& Null() && { return std::move(this->Null()); }
  Params&& TextArray(const std::vector<std::string>& v) && { return std::move(this->TextArray(v)); }
  Params&& UuidArray(const std::vector<std::string>& v) && { return std::move(this->UuidArray(v)); }
  Params&& IntArray(const std::vector<std::int64_t>& v) && { return std::move(this->IntArray(v)); }
  Params&& BytesArray(const std::vector<std::string>& v) && { return std::move(this->BytesArray(v)); }
  Params&& OptText(const std::optional<std::string>& v) && { return std::move(this->OptText(v)); }
  Params&& OptInt(std::optional<std::int64_t> v) && { return std::move(this->OptInt(v)); }
  Params&& OptTime(std::optional<absl::Time> v) && { return std::move(this->OptTime(v)); }

  std::size_t size() const { return values_.size(); }
  // A text holds a NUL byte, which PostgreSQL cannot store: the call will be refused.
  bool holds_nul() const { return holds_nul_; }

 private:
  friend class Connection;
  struct Value {
    std::size_t offset;
    std::size_t size;
    bool null;
    bool binary;
  };
  Params& AddText(std::string_view value);
  Params& AddInt(std::int64_t value);
  Params& AddFloat(double value);
  Params& AddBytes(std::string_view value);
  Params& AddTime(absl::Time value);
  Params& AddNull();
  Params& AddTextArray(const std::vector<std::string>& values);
  Params& AddIntArray(const std::vector<std::int64_t>& values);
  Params& AddBytesArray(const std::vector<std::string>& values);

  std::string buffer_;  // all values, each followed by NUL
  std::vector<Value> values_;
  bool holds_nul_ = false;
};

}  // namespace haven::store
