#pragma once

#include <chrono>

#include "absl/time/time.h"
#include "libs/core/config.h"
#include "libs/crypto/password.h"
#include "services/directory/domain/throttle.h"

namespace haven::directory {

struct DirectoryConfig {
  std::chrono::seconds session_life{12 * 3600};
  std::chrono::seconds session_idle{2 * 3600};
  std::chrono::seconds token_life{300};
  int argon2_memory_kib = 19 * 1024;
  int argon2_passes = 2;
  int hashes_at_once = 1;
  int hashes_waiting = 100;
  int name_free_attempts = 5;
  int source_free_attempts = 20;
  std::chrono::seconds name_longest_wait{300};
  std::chrono::seconds source_longest_wait{900};
  // Tests only: Argon2id at its least. No setting leads here.
  bool unsafe_hashes_for_tests = false;

  void Bind(core::ConfigSection& section);

  crypto::PasswordCost PasswordCost() const;
  ThrottlePolicy NamePolicy() const;
  // A source is often a whole office behind one address, so it has more tries and is forgiven sooner.
  ThrottlePolicy SourcePolicy() const;
};

}  // namespace haven::directory
