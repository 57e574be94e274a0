#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/redis/value.h"

struct redisReader;

namespace haven::redis {

// Redis's protocol (RESP2): what goes out is written by us, what comes in is parsed by hiredis straight into Value.

void AppendArrayHeader(std::string& out, std::size_t items);
void AppendBulk(std::string& out, std::string_view text);
void AppendCommand(std::string& out, std::span<const std::string> argv);

// An incremental parser. After an error it stays broken: the connection is of no more use.
class ReplyParser {
 public:
  ReplyParser();
  ~ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  // Takes some bytes from the front of `bytes`: not all, since hiredis moves what is unparsed, which is cheap only in
  // small pieces. Call Next until it is false, then Feed again until `bytes` is empty.
  void Feed(std::string_view& bytes);
  // True: `out` is the next reply. False: more bytes are needed. INTERNAL: not RESP, or an array beyond all reason.
  absl::StatusOr<bool> Next(Value& out);

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
  Value root_;
};

}  // namespace haven::redis
