#include "libs/redis/resp.h"

#include <hiredis/read.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"

namespace haven::redis {
namespace {

constexpr std::size_t kFeedBytes = 16 * 1024;
// Far above anything Haven stores; keeps a corrupt header from asking for all memory at once.
constexpr int kMaxArrayItems = 4 * 1024 * 1024;

void AppendNumber(std::string& out, char kind, std::size_t number) {
  char text[24];
  text[0] = kind;
  auto* end = std::to_chars(text + 1, text + sizeof text - 2, number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(text, static_cast<std::size_t>(end - text));
}

// Where the object of `task` lives: the root, or its place in the parent's array, which was sized when the parent was
// made.
Value* Place(const redisReadTask* task) {
  if (task->parent == nullptr) return static_cast<Value*>(task->privdata);
  return &static_cast<Value*>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
}

void* CreateString(const redisReadTask* task, char* text, std::size_t size) {
  auto* value = Place(task);
  value->type = task->type == REDIS_REPLY_STATUS  ? Value::Type::kStatus
                : task->type == REDIS_REPLY_ERROR ? Value::Type::kError
                                                  : Value::Type::kString;
  value->text.assign(text, size);
  return value;
}

void* CreateArray(const redisReadTask* task, int items) {
  if (items > kMaxArrayItems) return nullptr;
  auto* value = Place(task);
  value->type = Value::Type::kArray;
  value->items.resize(static_cast<std::size_t>(items));
  return value;
}

void* CreateInteger(const redisReadTask* task, long long number) {
  auto* value = Place(task);
  value->type = Value::Type::kInteger;
  value->integer = number;
  return value;
}

void* CreateNil(const redisReadTask* task) {
  return Place(task);
}

void FreeNothing(void*) {}

redisReplyObjectFunctions kFunctions = {CreateString, CreateArray, CreateInteger, CreateNil, FreeNothing};

}  // namespace

void AppendArrayHeader(std::string& out, std::size_t items) {
  AppendNumber(out, '*', items);
}

void AppendBulk(std::string& out, std::string_view text) {
  AppendNumber(out, '$', text.size());
  out.append(text);
  out.append("\r\n", 2);
}

void AppendCommand(std::string& out, std::span<const std::string> argv) {
  AppendArrayHeader(out, argv.size());
  for (const auto& arg : argv) AppendBulk(out, arg);
}

void ReplyParser::Free::operator()(redisReader* reader) const {
  redisReaderFree(reader);
}

ReplyParser::ReplyParser() : reader_(redisReaderCreateWithFunctions(&kFunctions)) {
  reader_->privdata = &root_;
}
ReplyParser::~ReplyParser() = default;

void ReplyParser::Feed(std::string_view& bytes) {
  const auto size = std::min(bytes.size(), kFeedBytes);
  redisReaderFeed(reader_.get(), bytes.data(), size);  // an error is kept and reported by Next
  bytes.remove_prefix(size);
}

absl::StatusOr<bool> ReplyParser::Next(Value& out) {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
    return absl::InternalError(absl::StrCat("malformed reply: ", reader_->errstr));
  }
  if (reply == nullptr) return false;
  out = std::exchange(root_, Value());
  return true;
}

}  // namespace haven::redis
