#include "libs/store/blobs.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <utility>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/text.h"

// A file: magic, nonce, the blob's key sealed with the person's (XChaCha20-Poly1305, bound to the id), the stream's
// header, then chunks: length of the cipher text (4 bytes, little endian), cipher text (secretstream; the last is
// tagged).
namespace haven::store {
namespace {

constexpr std::string_view kMagic = "HVBLOB01";
constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kKeyBytes = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kSealedBytes = kKeyBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kPrefixBytes = kMagic.size() + kNonceBytes + kSealedBytes + kHeaderBytes;
constexpr std::size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;

static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

unsigned char* Raw(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}
const unsigned char* Raw(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

std::string RandomBytes(std::size_t size) {
  std::string out(size, '\0');
  randombytes_buf(out.data(), size);
  return out;
}

absl::Status DiskError(std::string_view what) {
  return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN,
                         Cat("blobs: cannot ", what, ": error ", errno));
}

absl::Status Altered() {
  return core::MakeError(absl::StatusCode::kDataLoss, errors::v1::REASON_BUG, "blob: a chunk was altered");
}

bool IsBlobId(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string FolderOf(const std::string& root, const std::string& id) {
  return root + "/" + id.substr(0, 2);
}
std::string PathOf(const std::string& root, const std::string& id) {
  return FolderOf(root, id) + "/" + id;
}

absl::Status SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return DiskError("open a folder");
  const bool ok = fsync(fd) == 0;
  close(fd);
  return ok ? absl::OkStatus() : DiskError("sync a folder");
}

absl::Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return DiskError("write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return absl::OkStatus();
}

std::string Seal(std::string_view key, const PersonKey& person, std::string_view nonce, std::string_view id) {
  std::string out(kSealedBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(Raw(out), nullptr, Raw(key), key.size(), Raw(id), id.size(), nullptr,
                                             Raw(nonce), Raw(person.bytes));
  return out;
}

bool Open(std::string_view sealed, const PersonKey& person, std::string_view nonce, std::string_view id,
          std::string& key) {
  key.assign(kKeyBytes, '\0');
  return crypto_aead_xchacha20poly1305_ietf_decrypt(Raw(key), nullptr, nullptr, Raw(sealed), sealed.size(), Raw(id),
                                                    id.size(), Raw(nonce), Raw(person.bytes)) == 0;
}

absl::Status CheckKey(const PersonKey& key) {
  if (sodium_init() < 0) return absl::InternalError("libsodium does not start");
  if (key.bytes.size() != kKeyBytes) return core::InvalidField("key", "must have 32 bytes");
  return absl::OkStatus();
}

}  // namespace

PersonKey NewPersonKey() {
  if (sodium_init() < 0) std::abort();
  return {RandomBytes(kKeyBytes)};
}

struct BlobWriter::State {
  ~State() {
    sodium_memzero(&stream, sizeof stream);
    if (fd >= 0) close(fd);
  }
  absl::Status WriteChunk(std::string_view plain, unsigned char tag) {
    std::string out(4 + plain.size() + kOverhead, '\0');
    crypto_secretstream_xchacha20poly1305_push(&stream, Raw(out) + 4, nullptr, Raw(plain), plain.size(), nullptr, 0,
                                               tag);
    const auto length = static_cast<std::uint32_t>(plain.size() + kOverhead);
    for (int i = 0; i < 4; ++i) out[static_cast<std::size_t>(i)] = static_cast<char>(length >> (8 * i));
    return WriteAll(fd, out);
  }

  std::string id, folder, pending;
  int fd = -1;
  crypto_secretstream_xchacha20poly1305_state stream;
  absl::Status failed;
};

BlobWriter::BlobWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;
BlobWriter& BlobWriter::operator=(BlobWriter&&) noexcept = default;
BlobWriter::~BlobWriter() = default;

const std::string& BlobWriter::id() const {
  return state_->id;
}

absl::Status BlobWriter::Append(std::string_view bytes) {
  while (state_->failed.ok() && !bytes.empty()) {
    const auto part = bytes.substr(0, kChunk - state_->pending.size());
    state_->pending.append(part);
    bytes.remove_prefix(part.size());
    if (state_->pending.size() < kChunk) break;
    state_->failed = state_->WriteChunk(state_->pending, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    state_->pending.clear();
  }
  return state_->failed;
}

absl::Status BlobWriter::Sync() {
  if (state_->failed.ok() && !state_->pending.empty()) {
    state_->failed = state_->WriteChunk(state_->pending, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    state_->pending.clear();
  }
  if (state_->failed.ok() && fdatasync(state_->fd) != 0) state_->failed = DiskError("sync");
  return state_->failed;
}

absl::Status BlobWriter::Finish() {
  if (!state_->failed.ok()) return state_->failed;
  auto status = state_->WriteChunk(state_->pending, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
  if (status.ok() && fsync(state_->fd) != 0) status = DiskError("sync");
  if (status.ok()) status = SyncFolder(state_->folder);
  state_->failed = status.ok() ? absl::FailedPreconditionError("the blob is finished") : status;
  return status;
}

BlobStore::BlobStore(std::string folder) : folder_(std::move(folder)) {}

absl::StatusOr<BlobWriter> BlobStore::Create(const PersonKey& person) {
  if (auto status = CheckKey(person); !status.ok()) return status;
  auto state = std::make_unique<BlobWriter::State>();
  state->id = Hex(RandomBytes(16));
  state->folder = FolderOf(folder_, state->id);
  if (mkdir(state->folder.c_str(), 0700) == 0) {
    if (auto status = SyncFolder(folder_); !status.ok()) return status;
  } else if (errno != EEXIST) {
    return DiskError("make a folder");
  }
  state->fd = open(PathOf(folder_, state->id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (state->fd < 0) return DiskError("create");
  std::string key = RandomBytes(kKeyBytes);
  const std::string nonce = RandomBytes(kNonceBytes);
  std::string header(kHeaderBytes, '\0');
  crypto_secretstream_xchacha20poly1305_init_push(&state->stream, Raw(header), Raw(key));
  const auto prefix = Cat(kMagic, nonce, Seal(key, person, nonce, state->id), header);
  sodium_memzero(key.data(), key.size());
  auto status = WriteAll(state->fd, prefix);
  if (status.ok()) status = SyncFolder(state->folder);
  if (!status.ok()) return status;
  return BlobWriter(std::move(state));
}

absl::StatusOr<BlobContent> BlobStore::Read(const std::string& id, const PersonKey& person,
                                            std::uint64_t max_bytes) const {
  if (auto status = CheckKey(person); !status.ok()) return status;
  std::ifstream in(IsBlobId(id) ? PathOf(folder_, id) : "", std::ios::binary);
  if (!in) return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, "no such blob");
  std::string prefix(kPrefixBytes, '\0'), key;
  if (!in.read(prefix.data(), static_cast<std::streamsize>(prefix.size())) || !prefix.starts_with(kMagic)) {
    return Altered();
  }
  const std::string_view view(prefix);
  const auto nonce = view.substr(kMagic.size(), kNonceBytes);
  if (!Open(view.substr(kMagic.size() + kNonceBytes, kSealedBytes), person, nonce, id, key)) {
    return core::MakeError(absl::StatusCode::kFailedPrecondition, errors::v1::REASON_WRONG_STATE,
                           "the key does not open this blob");
  }
  crypto_secretstream_xchacha20poly1305_state stream;
  const bool usable = crypto_secretstream_xchacha20poly1305_init_pull(
                          &stream, Raw(view.substr(kPrefixBytes - kHeaderBytes)), Raw(key)) == 0;
  sodium_memzero(key.data(), key.size());
  if (!usable) return Altered();
  BlobContent out;
  std::array<unsigned char, 4> size;
  while (in.read(reinterpret_cast<char*>(size.data()), 4)) {
    const std::size_t length = size[0] | size[1] << 8 | size[2] << 16 | static_cast<std::size_t>(size[3]) << 24;
    if (length < kOverhead || length > kChunk + kOverhead) return Altered();
    std::string cipher(length, '\0'), plain(length - kOverhead, '\0');
    if (!in.read(cipher.data(), static_cast<std::streamsize>(length))) break;  // cut off in the middle of a chunk
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&stream, Raw(plain), nullptr, &tag, Raw(cipher), length, nullptr,
                                                   0) != 0) {
      return Altered();
    }
    if (out.bytes.size() + plain.size() > max_bytes) {
      return core::LimitError(errors::v1::REASON_OVERLOADED, "the blob is larger than allowed here",
                              std::chrono::milliseconds(0));
    }
    out.bytes += plain;
    out.complete = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  }
  return out;
}

absl::Status BlobStore::Remove(const std::string& id) {
  if (!IsBlobId(id)) return absl::OkStatus();
  if (unlink(PathOf(folder_, id).c_str()) == 0) return SyncFolder(FolderOf(folder_, id));
  return errno == ENOENT ? absl::OkStatus() : DiskError("remove");
}

}  // namespace haven::store
