#include "services/channels/domain/visibility.h"

#include <algorithm>

namespace haven::channels {

bool MaySee(const Viewer& viewer, const std::vector<Participation>& participations) {
  if (viewer.integrator) return true;
  return std::any_of(participations.begin(), participations.end(), [&](const Participation& p) {
    if (p.kind == Participation::Kind::kAgent) return !viewer.user.empty() && p.key == viewer.user.value();
    return viewer.supervisor && viewer.team_queues.count(p.key) != 0;
  });
}

}  // namespace haven::channels
