#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/desk/http/http.h"

namespace haven::desk::edge {

// The built pages, read into memory at start with their compressed forms. Names with a hash in them (under assets/) may
// be cached for ever, all others are asked again with their ETag.
class StaticFiles {
 public:
  // Reads a folder made by the web build. FAILED_PRECONDITION if there is no index.html in it.
  static absl::StatusOr<StaticFiles> Load(const std::string& folder);

  // Answer to GET or HEAD of `path` ("/" is index.html); status 404 if there is none. Adds no security headers.
  http::Response Serve(const http::Request& request, std::string_view path) const;
  bool Has(std::string_view path) const;
  std::size_t bytes() const { return bytes_; }

 private:
  struct File {
    std::string type, etag, plain, gzip;
    bool immutable = false;
  };
  std::map<std::string, File, std::less<>> files_;
  std::size_t bytes_ = 0;
};

}  // namespace haven::desk::edge
