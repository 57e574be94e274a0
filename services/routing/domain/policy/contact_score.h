#pragma once

#include <algorithm>

#include "services/routing/domain/types.h"

namespace haven::routing {

inline constexpr Span kMaxHeadStart = std::chrono::hours(24);

// The strict band is a head start nobody else can be given: a strict contact goes before every ordinary one, except one
// that has waited (head start counted) kStrictBand longer. So no ordinary contact is passed by strict ones that arrive
// more than kStrictBand after it: that is the bound on its starvation.
inline constexpr Span kStrictBand = std::chrono::hours(28);

// A contact's place in its lane, the lowest first, ms. Derived only: waits are reported from enqueued_at.
inline std::int64_t ContactScore(const LedgerRow& row) {
  const Span head_start = std::clamp(row.head_start, -kMaxHeadStart, kMaxHeadStart);
  return (row.enqueued_at.time_since_epoch() - row.age_adjust - (row.strict ? kStrictBand : head_start)).count();
}

}  // namespace haven::routing
