#include "libs/telemetry/trace.h"

#include <catch2/catch.hpp>

namespace haven::telemetry {
namespace {

constexpr std::string_view kExample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_CASE("Trace_ParsesAndWritesTheExampleOfTheSpecification") {
  const auto context = TraceContext::Parse(kExample);
  REQUIRE(context.has_value());
  CHECK(context->sampled);
  CHECK(context->TraceIdHex() == "0af7651916cd43dd8448eb211c80319c");
  CHECK(context->ToTraceparent() == kExample);
}

TEST_CASE("Trace_ChildKeepsTheTrace_HasItsOwnSpan") {
  const auto parent = *TraceContext::Parse(kExample);
  const auto child = parent.Child();
  CHECK(child.trace_id == parent.trace_id);
  CHECK(child.span_id != parent.span_id);
  CHECK(child.sampled);
  CHECK(child.valid());
}

TEST_CASE("Trace_New_IsValidAndDiffers") {
  const auto a = TraceContext::New();
  const auto b = TraceContext::New();
  CHECK(a.valid());
  CHECK(a.trace_id != b.trace_id);
  CHECK(TraceContext::Parse(a.ToTraceparent())->trace_id == a.trace_id);
}

TEST_CASE("Trace_MalformedHeaders_AreIgnored") {
  for (const std::string_view bad : {
           std::string_view(""),
           std::string_view("00"),
           std::string_view("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"),
           std::string_view("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
           std::string_view("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
           std::string_view("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"),
           std::string_view("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
           std::string_view("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"),
           std::string_view("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
           std::string_view("00-0af7651916cd43dd8448eb211c80319cxb7ad6b7169203331-01"),
           std::string_view("0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
           std::string_view("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x"),
       }) {
    INFO(bad);
    CHECK_FALSE(TraceContext::Parse(bad).has_value());
  }
}

TEST_CASE("Trace_LaterVersionsMayAppend") {
  CHECK(TraceContext::Parse("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes").has_value());
}

}  // namespace
}  // namespace haven::telemetry
