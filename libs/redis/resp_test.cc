#include "libs/redis/resp.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace haven::redis {
namespace {

std::vector<Value> ParseAll(ReplyParser& parser, std::string_view bytes) {
  std::vector<Value> out;
  while (!bytes.empty()) {
    parser.Feed(bytes);
    Value value;
    while (parser.Next(value).value()) out.push_back(std::move(value));
  }
  return out;
}

TEST_CASE("AppendCommand_WritesBinarySafeBulks") {
  std::string out;
  const std::vector<std::string> argv{"SET", "k", std::string("a\0\r\n", 4)};
  AppendCommand(out, argv);
  CHECK(out == std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\0\r\n\r\n", 30));
}

TEST_CASE("ReplyParser_EveryType") {
  ReplyParser parser;
  const auto values = ParseAll(
      parser, "+OK\r\n-ERR no\r\n:-42\r\n$3\r\na\nb\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*2\r\n$0\r\n\r\n$-1\r\n");
  REQUIRE(values.size() == 8);
  CHECK((values[0].IsStatus() && values[0].text == "OK"));
  CHECK((values[1].IsError() && values[1].text == "ERR no"));
  CHECK((values[2].IsInteger() && values[2].integer == -42));
  CHECK((values[3].IsString() && values[3].text == "a\nb"));
  CHECK(values[4].IsNil());
  CHECK(values[5].IsNil());
  CHECK((values[6].IsArray() && values[6].items.empty()));
  REQUIRE(values[7].items.size() == 2);
  CHECK(values[7].items[0].integer == 1);
  REQUIRE(values[7].items[1].items.size() == 2);
  CHECK(values[7].items[1].items[0].IsString());
  CHECK(values[7].items[1].items[1].IsNil());
}

TEST_CASE("ReplyParser_AnySplit_GivesTheSame") {
  const std::string bytes = "*3\r\n$5\r\nhello\r\n*2\r\n:12\r\n+fine\r\n$-1\r\n:7\r\n";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ReplyParser parser;
    auto values = ParseAll(parser, std::string_view(bytes).substr(0, cut));
    for (auto& value : ParseAll(parser, std::string_view(bytes).substr(cut))) values.push_back(std::move(value));
    REQUIRE(values.size() == 2);
    CHECK(values[0].items[0].text == "hello");
    CHECK(values[0].items[1].items[1].text == "fine");
    CHECK(values[1].integer == 7);
  }
}

TEST_CASE("ReplyParser_LargeString_PassesInPieces") {
  ReplyParser parser;
  const std::string large(3'000'000, 'x');
  const auto values = ParseAll(parser, "$3000000\r\n" + large + "\r\n:1\r\n");
  REQUIRE(values.size() == 2);
  CHECK(values[0].text == large);
}

TEST_CASE("ReplyParser_Garbage_IsAnError_AndStaysOne") {
  for (const std::string_view text : {"HTTP/1.1 400\r\n", "$abc\r\n", "*999999999\r\n", ":1x\r\n", "$-2\r\n"}) {
    CAPTURE(text);
    ReplyParser parser;
    auto bytes = text;
    parser.Feed(bytes);
    Value value;
    CHECK_FALSE(parser.Next(value).ok());
    bytes = ":1\r\n";
    parser.Feed(bytes);
    CHECK_FALSE(parser.Next(value).ok());
  }
}

}  // namespace
}  // namespace haven::redis
