#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace haven::redis {

// One reply of Redis (RESP2), owned. Strings are binary safe.
struct Value {
  enum class Type : std::uint8_t { kNil, kInteger, kString, kStatus, kError, kArray };

  Type type = Type::kNil;
  std::int64_t integer = 0;  // kInteger
  std::string text;          // kString, kStatus, kError
  std::vector<Value> items;  // kArray

  bool IsNil() const { return type == Type::kNil; }
  bool IsInteger() const { return type == Type::kInteger; }
  bool IsString() const { return type == Type::kString; }
  bool IsStatus() const { return type == Type::kStatus; }
  bool IsError() const { return type == Type::kError; }
  bool IsArray() const { return type == Type::kArray; }
};

}  // namespace haven::redis
