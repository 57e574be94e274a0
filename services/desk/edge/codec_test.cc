#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>

#include "haven/channels/v1/webchat_service.pb.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/ivr/v1/flow_service.pb.h"
#include "libs/core/error.h"
#include "services/desk/edge/connect_codec.h"

namespace haven::desk::edge {
namespace {

const auto& Post() {
  return *channels::v1::PostMessageRequest::descriptor();
}

TEST_CASE("ContentType_OnlyConnectsFour") {
  CHECK(ParseContentType("application/json; charset=utf-8")->codec == Codec::kJson);
  CHECK(ParseContentType("Application/Connect+Proto")->streaming);
  for (const auto* bad : {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                          "application/grpc", "application/jsonx"}) {
    CHECK_FALSE(ParseContentType(bad).has_value());
  }
}

TEST_CASE("FindPublicMethod_InternalAndUnknown_AreNotThere") {
  CHECK(FindPublicMethod("/haven.channels.v1.WebchatService/PostMessage") != nullptr);
  // Linked into this process, and still not to be reached from outside.
  REQUIRE(internal::ivr::v1::StepRequest::descriptor() != nullptr);
  for (const auto* bad :
       {"/haven.internal.ivr.v1.FlowService/Step", "/haven.channels.v1.WebchatService",
        "/haven.channels.v1.WebchatService/Nope", "/haven.channels.v1.WebchatService/PostMessage/",
        "/haven.channels.v1.WebchatService.PostMessage", "/", "", "haven.channels.v1.WebchatService/PostMessage",
        "/haven.channels.v1/WebchatService.PostMessage", "//"}) {
    CHECK(FindPublicMethod(bad) == nullptr);
  }
}

TEST_CASE("DecodeBody_MalformedJson_IsRefusedWithReason") {
  for (const auto* bad :
       {"{", "[]", "\"x\"", "{\"text\":1}", "{\"text\":\"a\"}trailing", "{\"text\":\"a\",\"unknown\":1}",
        "{\"text\":{}}", "nul", "{\"requestId\":[\"a\"]}", "\xff\xfe"}) {
    INFO(bad);
    const auto decoded = DecodeBody(Codec::kJson, Post(), bad);
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(core::ReasonOf(decoded.status()) == errors::v1::REASON_MALFORMED_BODY);
  }
}

TEST_CASE("DecodeBody_DeeplyNested_IsRefused_NotACrash") {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"text\":";
  CHECK_FALSE(DecodeBody(Codec::kJson, Post(), deep).ok());
}

TEST_CASE("DecodeBody_Utf8AndEmpty_Survive") {
  const auto decoded = DecodeBody(Codec::kJson, Post(), R"({"text":"مرحبا \u202e<b>","requestId":"r"})");
  REQUIRE(decoded.ok());
  channels::v1::PostMessageRequest message;
  REQUIRE(message.ParseFromString(*decoded));
  CHECK(message.text() == "مرحبا \xE2\x80\xAE<b>");
  CHECK(DecodeBody(Codec::kJson, Post(), "")->empty());
  CHECK_FALSE(DecodeBody(Codec::kProto, Post(), "\x0a\xff").ok());
}

TEST_CASE("Envelope_OneWholeMessage_OrNothing") {
  const auto sealed = Envelope(0, "abc");
  CHECK(*OpenEnvelope(sealed) == "abc");
  CHECK_FALSE(OpenEnvelope(sealed.substr(0, 4)).ok());
  CHECK_FALSE(OpenEnvelope(sealed + "x").ok());
  CHECK_FALSE(OpenEnvelope(Envelope(1, "abc")).ok());
  CHECK_FALSE(OpenEnvelope(std::string("\0\xff\xff\xff\xff", 5) + "abc").ok());
}

TEST_CASE("ErrorJson_HasCodeAndReason_ForPeopleToo") {
  const auto json = ErrorJson(core::InvalidField("text", "must not be empty"));
  CHECK(json.find(R"("code":"invalid_argument")") != std::string::npos);
  CHECK(json.find(R"("type":"google.rpc.BadRequest")") != std::string::npos);
  CHECK(json.find(R"("field":"text")") != std::string::npos);
  CHECK(EndStreamJson(absl::OkStatus()) == "{}");
}

TEST_CASE("ParseTimeoutMs_TenDigitsAtMost") {
  CHECK(ParseTimeoutMs("1500") == 1500);
  for (const auto* bad : {"", "-1", "1e3", "12345678901", "x"}) CHECK_FALSE(ParseTimeoutMs(bad).has_value());
}

}  // namespace
}  // namespace haven::desk::edge
