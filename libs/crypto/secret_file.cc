#include "libs/crypto/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::crypto {
namespace {

absl::Status FileError(const std::string& path, const char* what) {
  return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                         absl::StrCat(path, ": ", what));
}

struct File {
  explicit File(int descriptor) : fd(descriptor) {}
  ~File() { Close(); }
  void Close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  int fd;
};

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) {
    if (errno == ENOENT) {
      return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND,
                             absl::StrCat(path, ": no such file"));
    }
    return FileError(path, std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) return FileError(path, std::strerror(errno));
  if ((info.st_mode & 077) != 0) return FileError(path, "others may read this secret; run chmod 600 on it");
  std::string content;
  char buffer[4096];
  while (true) {
    const ssize_t n = ::read(file.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path, std::strerror(errno));
    if (n == 0) return content;
    content.append(buffer, static_cast<std::size_t>(n));
    if (content.size() > 1 << 20) return FileError(path, "too long for a secret");
  }
}

absl::Status WriteSecretFile(const std::string& path, std::string_view content) {
  // link() refuses to replace, where rename() would: of two processes that start at once, one keeps its key.
  const std::string part = absl::StrCat(path, ".", ::getpid(), ".part");
  File file(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.fd < 0) return FileError(part, std::strerror(errno));
  const bool written = WriteAll(file.fd, content) && ::fsync(file.fd) == 0;
  file.Close();
  const int linked = written ? ::link(part.c_str(), path.c_str()) : -1;
  const int error = errno;
  ::unlink(part.c_str());
  if (linked == 0) return absl::OkStatus();
  if (written && error == EEXIST) {
    return core::MakeError(absl::StatusCode::kAlreadyExists, errors::v1::REASON_ALREADY_EXISTS,
                           absl::StrCat(path, ": exists already"));
  }
  return FileError(path, std::strerror(error));
}

absl::StatusOr<std::string> LoadOrCreateSecret(const std::string& path, core::Random& random) {
  auto found = ReadSecretFile(path);
  if (absl::IsNotFound(found.status())) {
    const auto written = WriteSecretFile(path, core::NewSecret(random, 32));
    if (!written.ok() && !absl::IsAlreadyExists(written)) return written;
    found = ReadSecretFile(path);
  }
  if (!found.ok()) return found.status();
  std::string raw;
  if (!absl::WebSafeBase64Unescape(*found, &raw) || raw.size() != 32)
    return FileError(path, "is not a secret of 32 bytes");
  return raw;
}

}  // namespace haven::crypto
