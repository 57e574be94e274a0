#include "libs/store/blobs.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace haven::store {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "haven-blobs-XXXXXX").string()) {
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }
  std::string FileOf(const std::string& id) const { return path_ + "/" + id.substr(0, 2) + "/" + id; }

 private:
  std::string path_;
};

std::string Pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 131 + i / 251);
  return out;
}

std::string Written(BlobStore& store, const PersonKey& key, const std::string& bytes) {
  auto writer = store.Create(key);
  REQUIRE(writer.ok());
  REQUIRE(writer->Append(bytes).ok());
  REQUIRE(writer->Finish().ok());
  return writer->id();
}

TEST_CASE("Blob_OfAnySize_ComesBack") {
  Folder folder;
  BlobStore store(folder.path());
  const auto key = NewPersonKey();
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 300000}) {
    const auto bytes = Pattern(size);
    const auto content = store.Read(Written(store, key, bytes), key, 1 << 20);
    REQUIRE(content.ok());
    CHECK(content->complete);
    CHECK(content->bytes == bytes);
  }
}

TEST_CASE("Blob_AnotherPersonsKey_OpensNothing") {
  Folder folder;
  BlobStore store(folder.path());
  const auto id = Written(store, NewPersonKey(), "secret");
  CHECK(store.Read(id, NewPersonKey(), 1000).status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("Blob_OnDisk_HoldsNoPlainText") {
  Folder folder;
  BlobStore store(folder.path());
  const auto id = Written(store, NewPersonKey(), std::string(1000, 'A'));
  std::ifstream in(folder.FileOf(id), std::ios::binary);
  const std::string raw((std::istreambuf_iterator<char>(in)), {});
  CHECK(raw.size() > 1000);
  CHECK(raw.find("AAAA") == std::string::npos);
}

TEST_CASE("Blob_WriterGone_KeepsWhatWasSynced") {
  Folder folder;
  BlobStore store(folder.path());
  const auto key = NewPersonKey();
  std::string id;
  {
    auto writer = store.Create(key);
    REQUIRE(writer.ok());
    id = writer->id();
    REQUIRE(writer->Append("first second").ok());
    REQUIRE(writer->Sync().ok());
    REQUIRE(writer->Append("lost").ok());
  }
  const auto content = store.Read(id, key, 1000);
  REQUIRE(content.ok());
  CHECK_FALSE(content->complete);
  CHECK(content->bytes == "first second");
  // Torn in the middle of a chunk: nothing of that chunk.
  fs::resize_file(folder.FileOf(id), fs::file_size(folder.FileOf(id)) - 1);
  CHECK(store.Read(id, key, 1000)->bytes.empty());
}

TEST_CASE("Blob_Altered_IsDataLoss") {
  Folder folder;
  BlobStore store(folder.path());
  const auto key = NewPersonKey();
  const auto id = Written(store, key, Pattern(100000));
  std::fstream file(folder.FileOf(id), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(50000);
  file.put('!');
  file.close();
  CHECK(store.Read(id, key, 1 << 20).status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("Blob_UnknownOrHostileId_NotFound") {
  Folder folder;
  BlobStore store(folder.path());
  const auto key = NewPersonKey();
  CHECK(store.Read("../../../../etc/passwd", key, 1000).status().code() == absl::StatusCode::kNotFound);
  CHECK(store.Read(std::string(32, 'a'), key, 1000).status().code() == absl::StatusCode::kNotFound);
  const auto id = Written(store, key, "x");
  REQUIRE(store.Remove(id).ok());
  REQUIRE(store.Remove(id).ok());
  CHECK(store.Read(id, key, 1000).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("Blob_LargerThanAllowed_IsRefused") {
  Folder folder;
  BlobStore store(folder.path());
  const auto key = NewPersonKey();
  CHECK(store.Read(Written(store, key, Pattern(2000)), key, 1999).status().code() ==
        absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace haven::store
