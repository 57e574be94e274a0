#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Encrypted files (recordings, attachments) in the hub's data folder. Blocking: call from a thread pool for files.
namespace haven::store {

// The key of one person, 32 bytes. The caller keeps it in SQL; erasing it makes the person's blobs unreadable.
struct PersonKey {
  std::string bytes;
};
PersonKey NewPersonKey();

// Written chunk by chunk (64 KiB of plain text each); each full chunk is encrypted, authenticated and on its way to
// disk at once, so that a crash keeps what was written.
class BlobWriter {
 public:
  ~BlobWriter();  // without Finish the blob keeps its full chunks and reads as truncated
  BlobWriter(BlobWriter&&) noexcept;
  BlobWriter& operator=(BlobWriter&&) noexcept;

  const std::string& id() const;  // random, tells nothing
  absl::Status Append(std::string_view bytes);
  // Cuts a chunk now and syncs it to disk (voice: once a second).
  absl::Status Sync();
  // Writes the final chunk and syncs file and folder. OK: durable.
  absl::Status Finish();

 private:
  friend class BlobStore;
  struct State;
  explicit BlobWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct BlobContent {
  std::string bytes;
  bool complete = false;  // false: the writer crashed; every chunk given is genuine and in order
};

class BlobStore {
 public:
  explicit BlobStore(std::string folder);

  absl::StatusOr<BlobWriter> Create(const PersonKey& key);
  // Whole content. NOT_FOUND; DATA_LOSS if a chunk was altered; FAILED_PRECONDITION if the key does not open it.
  absl::StatusOr<BlobContent> Read(const std::string& id, const PersonKey& key, std::uint64_t max_bytes) const;
  // OK also if it is gone already.
  absl::Status Remove(const std::string& id);

 private:
  std::string folder_;
};

}  // namespace haven::store
