#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/hash/hash.h"
#include "libs/core/clock.h"

namespace haven::core {

// A string id of one kind. Two kinds do not mix: four strings in a row is a bug waiting.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string value) : value_(std::move(value)) {}

  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Id&, const Id&) = default;
  friend auto operator<=>(const Id&, const Id&) = default;
  template <class H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  std::string value_;
};

// Source of unpredictable bytes; injected so that tests and simulation repeat.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(unsigned char* out, std::size_t size) = 0;
};

// The operating system's generator. Thread-safe; lives for the process.
Random& SystemRandom();

// A UUID version 7 (RFC 9562 section 5.7) in lower-case canonical form: sorts by creation time to the millisecond.
std::string NewUuid(const Clock& clock, Random& random);

// True for the canonical 36-character form of any UUID version, either case.
bool IsUuid(std::string_view text);

// `bytes` random bytes as unpadded base64url: for secrets and capability tokens.
std::string NewSecret(Random& random, std::size_t bytes = 32);

}  // namespace haven::core

template <class Tag>
struct std::hash<haven::core::Id<Tag>> {
  std::size_t operator()(const haven::core::Id<Tag>& id) const { return std::hash<std::string>{}(id.value()); }
};
