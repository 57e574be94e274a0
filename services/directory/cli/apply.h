#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "absl/status/statusor.h"
#include "haven/directory/v1/directory_service.pb.h"

namespace haven::directory {

struct ApplyOptions {
  std::string file_name;  // for messages
  std::string text;       // of the file
  bool dry_run = false;
  bool reset_passwords = false;
  std::string secrets_folder;  // where "file:NAME" is looked for
  bool colour = false;
};

// One ApplyHub call; blocking.
using ApplyCall = std::function<absl::StatusOr<v1::ApplyHubResponse>(const v1::ApplyHubRequest&)>;

// What `haven apply` does: reads, checks, shows the difference, gets passwords by their references, applies. Mistakes
// and warnings go to `err`, the difference to `out`. Returns the exit status: 0 done (or, with dry_run, possible), 1
// refused or failed, with nothing changed.
int ApplyHubFile(const ApplyOptions& options, const ApplyCall& call, std::ostream& out, std::ostream& err);

}  // namespace haven::directory
