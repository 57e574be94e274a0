#include "libs/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace haven::telemetry::internal {

ProcessFigures ReadProcessFigures() {
  ProcessFigures figures;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    long total = 0;
    long resident = 0;
    if (std::fscanf(file, "%ld %ld", &total, &resident) == 2) {
      figures.resident_bytes = static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    }
    std::fclose(file);
  }
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    figures.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  if (DIR* folder = ::opendir("/proc/self/fd")) {
    while (::readdir(folder) != nullptr) ++figures.open_files;
    ::closedir(folder);
    figures.open_files -= 3;  // ".", ".." and the folder itself
  }
  return figures;
}

}  // namespace haven::telemetry::internal
