#include "services/ivr/config.h"

namespace haven::ivr {

void Config::Bind(core::ConfigSection& s) {
  s.Seconds("keep_sessions_seconds", &keep_sessions, {24.0 * 3600, 3660.0 * 24 * 3600},
            "A flow's session is forgotten this long after its last step.");
}

}  // namespace haven::ivr
