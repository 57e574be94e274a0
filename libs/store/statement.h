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

  Params& Text(std::string_view value) & { return AddText(value); }
  Params& Int(std::int64_t value) & { return AddInt(value); }
  Params& Float(double value) & { return AddFloat(value); }
  Params& Bool(bool value) & { return AddText(value ? "t" : "f"); }
  Params& Bytes(std::string_view value) & { return AddBytes(value); }  // bytea, any bytes
  Params& Uuid(std::string_view value) & { return AddText(value); }    // canonical form
  Params& Time(absl::Time value) & { return AddTime(value); }          // timestamptz, rounded down to microseconds
  Params& Null() & { return AddNull(); }
  Params& TextArray(const std::vector<std::string>& values) & { return AddTextArray(values); }
  Params& UuidArray(const std::vector<std::string>& values) & { return AddTextArray(values); }
  Params& IntArray(const std::vector<std::int64_t>& values) & { return AddIntArray(values); }
  Params& BytesArray(const std::vector<std::string>& values) & { return AddBytesArray(values); }
  // NULL where nullopt.
  Params& Text(const std::optional<std::string>& v) & { return v ? AddText(*v) : AddNull(); }
  Params& Int(std::optional<std::int64_t> v) & { return v ? AddInt(*v) : AddNull(); }
  Params& Time(std::optional<absl::Time> v) & { return v ? AddTime(*v) : AddNull(); }

  template <class V>
  Params&& Text(V&& v) && {
    return std::move(this->Text(std::forward<V>(v)));
  }
  template <class V>
  Params&& Int(V v) && {
    return std::move(this->Int(v));
  }
  template <class V>
  Params&& Time(V v) && {
    return std::move(this->Time(v));
  }
  Params&& Float(double v) && { return std::move(AddFloat(v)); }
  Params&& Bool(bool v) && { return std::move(this->Bool(v)); }
  Params&& Bytes(std::string_view v) && { return std::move(AddBytes(v)); }
  Params&& Uuid(std::string_view v) && { return std::move(AddText(v)); }
  Params&& Null() && { return std::move(AddNull()); }
  Params&& TextArray(const std::vector<std::string>& v) && { return std::move(AddTextArray(v)); }
  Params&& UuidArray(const std::vector<std::string>& v) && { return std::move(AddTextArray(v)); }
  Params&& IntArray(const std::vector<std::int64_t>& v) && { return std::move(AddIntArray(v)); }
  Params&& BytesArray(const std::vector<std::string>& v) && { return std::move(AddBytesArray(v)); }

  std::size_t size() const { return values_.size(); }

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
  bool holds_nul_ = false;  // a text with a NUL byte, which PostgreSQL cannot store: the call is refused
};

}  // namespace haven::store
