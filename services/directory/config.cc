#include "services/directory/config.h"

namespace haven::directory {

void DirectoryConfig::Bind(core::ConfigSection& section) {
  section.Seconds("session_life_seconds", &session_life, {300, 43200},
                  "A sign-in session ends after this at the latest.");
  section.Seconds("session_idle_seconds", &session_idle, {300, 43200},
                  "A session that nobody uses ends after this. An open desk uses it every few minutes.");
  section.Seconds(
      "token_life_seconds", &token_life, {30, 300},
      "How long a token is believed: the longest that a person who was signed out is still let through elsewhere.");
  section.Int("argon2_memory_kib", &argon2_memory_kib, {7 * 1024, 1024 * 1024},
              "Memory for one password hash (Argon2id). With argon2_passes at least OWASP's minimum: 19456 and 2.");
  section.Int("argon2_passes", &argon2_passes, {1, 20}, "Passes over that memory.");
  section.Int("hashes_at_once", &hashes_at_once, {1, 16}, "Passwords being checked at the same time.");
  section.Int("hashes_waiting", &hashes_waiting, {1, 10000},
              "Sign-ins waiting for their turn; more are refused for now.");
  section.Int("name_free_attempts", &name_free_attempts, {1, 100},
              "Wrong passwords for one name before it has to wait.");
  section.Int("source_free_attempts", &source_free_attempts, {1, 1000},
              "Wrong passwords from one address before it has to wait.");
  section.Seconds("name_longest_wait_seconds", &name_longest_wait, {1, 3600},
                  "The wait doubles with each further attempt for a name, up to this.");
  section.Seconds("source_longest_wait_seconds", &source_longest_wait, {1, 86400},
                  "The wait doubles with each further attempt from an address, up to this.");
}

crypto::PasswordCost DirectoryConfig::PasswordCost() const {
  crypto::PasswordCost cost;
  cost.memory_kib = static_cast<std::uint32_t>(argon2_memory_kib);
  cost.passes = static_cast<std::uint32_t>(argon2_passes);
  if (unsafe_hashes_for_tests) {
    cost.memory_kib = 8;
    cost.unsafe_for_tests = true;
  }
  return cost;
}

ThrottlePolicy DirectoryConfig::NamePolicy() const {
  ThrottlePolicy policy;
  policy.free_attempts = name_free_attempts;
  policy.longest_wait = absl::FromChrono(name_longest_wait);
  return policy;
}

ThrottlePolicy DirectoryConfig::SourcePolicy() const {
  ThrottlePolicy policy;
  policy.free_attempts = source_free_attempts;
  policy.longest_wait = absl::FromChrono(source_longest_wait);
  policy.forget_one_after = absl::Minutes(1);
  return policy;
}

}  // namespace haven::directory
