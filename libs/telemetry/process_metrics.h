#pragma once

namespace haven::telemetry::internal {

struct ProcessFigures {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double open_files = 0;
};

// From /proc/self and getrusage; a figure that cannot be read is 0.
ProcessFigures ReadProcessFigures();

}  // namespace haven::telemetry::internal
