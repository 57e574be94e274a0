#pragma once

#include <vector>

#include "libs/core/error.h"

namespace haven::directory::v1 {
class HubSpec;
}

namespace haven::directory {

// Most things of each kind a hub may have; keeps what is applied small enough for every reader to hold in memory.
namespace limits {
inline constexpr int kLanguages = 50;
inline constexpr int kHours = 200;
inline constexpr int kSpans = 100;
inline constexpr int kHolidays = 400;
inline constexpr int kSkills = 500;
inline constexpr int kQueues = 200;
inline constexpr int kSubjects = 100;
inline constexpr int kTeams = 200;
inline constexpr int kUsers = 5000;
inline constexpr int kSkillsPerUser = 100;
inline constexpr int kChannels = 50;
inline constexpr int kOrigins = 50;
inline constexpr int kDispositions = 200;
inline constexpr int kNameCharacters = 100;
inline constexpr int kTitleCharacters = 80;
inline constexpr int kPrivacyCharacters = 5000;
inline constexpr int kUrlBytes = 500;
// Mistakes told at once; the rest is counted.
inline constexpr int kFindings = 1000;
}  // namespace limits

// Paths are those of HubSpec with indexes ("queues[2].hours"); map entries by their key ("subjects[0].titles.ar").
struct Findings {
  // Why the hub cannot be so.
  std::vector<core::FieldViolation> mistakes;
  // What is allowed and probably not meant: hours that nothing uses, a queue that nobody serves.
  std::vector<core::FieldViolation> warnings;
};

// Every mistake at once, in the order of the spec.
Findings Validate(const v1::HubSpec& spec);

// Brings a valid spec into the one form that is kept: the defaults that hub.proto names filled in, so that no reader
// has to know them; what has no order sorted; no references to passwords.
void Normalize(v1::HubSpec& spec);

}  // namespace haven::directory
