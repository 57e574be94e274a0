#include "services/routing/testing/connection.h"

#include <hiredis/hiredis.h>

#include <stdexcept>

namespace haven::routing::testing {
namespace {

void Flatten(const redisReply& reply, std::vector<std::string>& out) {
  switch (reply.type) {
    case REDIS_REPLY_ARRAY:
      for (std::size_t i = 0; i < reply.elements; ++i) Flatten(*reply.element[i], out);
      return;
    case REDIS_REPLY_INTEGER:
      out.push_back(std::to_string(reply.integer));
      return;
    case REDIS_REPLY_NIL:
      out.emplace_back();
      return;
    default:
      out.emplace_back(reply.str, static_cast<std::size_t>(reply.len));
      return;
  }
}

}  // namespace

Connection::Connection(const std::string& target)
    : context_(redisConnectUnix(target.substr(target.find('/')).c_str())) {
  if (context_ == nullptr || context_->err != 0) throw std::runtime_error("no connection to redis-server");
}

Connection::~Connection() {
  redisFree(context_);
}

void Connection::Append(const std::vector<std::string>& argv) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string& word : argv) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(context_, static_cast<int>(argv.size()), words.data(), sizes.data());
}

std::vector<std::string> Connection::Read() {
  void* raw = nullptr;
  if (redisGetReply(context_, &raw) != REDIS_OK) throw std::runtime_error("connection to redis-server is lost");
  auto* reply = static_cast<redisReply*>(raw);
  last_was_error_ = reply->type == REDIS_REPLY_ERROR;
  std::vector<std::string> out;
  Flatten(*reply, out);
  freeReplyObject(reply);
  return out;
}

std::vector<std::string> Connection::Run(const std::vector<std::string>& argv) {
  Append(argv);
  return Read();
}

}  // namespace haven::routing::testing
