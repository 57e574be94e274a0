#include "services/desk/edge/static_files.h"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/crypto/hash.h"

namespace haven::desk::edge {
namespace {

std::string_view TypeOf(const std::string& name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".txt", "text/plain; charset=utf-8"}};
  for (const auto& [ending, type] : kTypes) {
    if (absl::EndsWith(name, absl::string_view(ending.data(), ending.size()))) return type;
  }
  return "application/octet-stream";
}

std::string Gzip(const std::string& plain) {
  z_stream z{};
  // 15 + 16: a gzip header instead of zlib's.
  if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&z, plain.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const bool done = deflate(&z, Z_FINISH) == Z_STREAM_END;
  out.resize(z.total_out);
  deflateEnd(&z);
  return done ? out : std::string();
}

}  // namespace

absl::StatusOr<StaticFiles> StaticFiles::Load(const std::string& folder) {
  StaticFiles out;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file()) continue;
    const auto name = absl::StrCat("/", std::filesystem::relative(it->path(), folder).generic_string());
    std::ifstream in(it->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    File file;
    file.plain = text.str();
    file.type = TypeOf(name);
    file.etag = absl::StrCat("\"", crypto::ToHex(crypto::Sha256(file.plain)).substr(0, 32), "\"");
    file.immutable = absl::StrContains(name, "/assets/");
    if (auto small = Gzip(file.plain); !small.empty() && small.size() < file.plain.size()) file.gzip = std::move(small);
    out.bytes_ += file.plain.size() + file.gzip.size();
    out.files_.emplace(name, std::move(file));
  }
  if (!out.Has("/index.html")) {
    return absl::FailedPreconditionError(
        absl::StrCat("no built pages in ", folder, ": run `npm run build` in services/desk/web, or set desk.web_dir"));
  }
  return out;
}

bool StaticFiles::Has(std::string_view path) const {
  return files_.find(path) != files_.end();
}

http::Response StaticFiles::Serve(const http::Request& request, std::string_view path) const {
  http::Response response;
  const auto found = files_.find(path == "/" ? std::string_view("/index.html") : path);
  if (found == files_.end()) {
    response.status = 404;
    response.headers = {{"Content-Type", "text/plain"}};
    response.body = "not found\n";
    return response;
  }
  const File& file = found->second;
  response.headers = {{"Content-Type", file.type},
                      {"ETag", file.etag},
                      {"Vary", "Accept-Encoding"},
                      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (request.Header("if-none-match") == file.etag) {
    response.status = 304;
    return response;
  }
  const std::string accepted(request.Header("accept-encoding"));
  if (!file.gzip.empty() && absl::StrContains(accepted, "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.plain;
  }
  return response;
}

}  // namespace haven::desk::edge
