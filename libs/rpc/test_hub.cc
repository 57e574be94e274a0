#include "libs/rpc/test_hub.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"

namespace haven::rpc {
namespace {

constexpr const char* kService = "haven.rpctest.v1.TestService/";

async::Task<bool> Poll(std::function<bool()> condition) {
  const auto until = core::Deadline::After(std::chrono::seconds(20));
  while (!until.Expired()) {
    if (condition()) co_return true;
    co_await async::Sleep(std::chrono::milliseconds(1));
  }
  co_return false;
}

async::Task<void> Do(std::function<void()> work) {
  work();
  co_return;
}

}  // namespace

const char* NameOf(Topology topology) {
  switch (topology) {
    case Topology::kInProcess:
      return "in-process";
    case Topology::kUnix:
      return "unix socket";
    case Topology::kTcp:
      return "tcp";
  }
  return "";
}

TestRequest Text(std::string text, int count) {
  TestRequest request;
  request.set_text(std::move(text));
  request.set_count(count);
  return request;
}

void TestApi::Register(Registry& registry) {
  for (const char* method : {"Open", "Internal", "Integrate", "Lead", "Work", "Visit"}) {
    registry.Unary(absl::StrCat(kService, method), this, &TestApi::Answer);
  }
  registry.ServerStream(absl::StrCat(kService, "Feed"), this, &TestApi::Feed);
  registry.Implements("haven.rpctest.v1.TestService");
}

async::Task<absl::StatusOr<TestResponse>> TestApi::Answer(CallPtr call, TestRequest request) {
  ++entered;
  call->OnCancel([this] { ++cancelled; });
  TestResponse response;
  response.set_text(request.text());
  if (request.text() == "fail") {
    core::ErrorMetadata metadata;
    metadata.emplace_back("epoch", "7");
    co_return core::MakeError(absl::StatusCode::kAborted, errors::v1::REASON_LOST_RACE, "epoch has moved on", metadata);
  }
  if (request.text() == "library") co_return absl::NotFoundError("Key (phone)=(+961 70 123456) is not there");
  if (request.text() == "unknown") co_return absl::UnknownError("libfoo: secret");
  if (request.text() == "throw") throw std::runtime_error("secret of a library");
  if (request.text() == "fields") {
    std::vector<core::FieldViolation> violations;
    violations.push_back({"text", "too long"});
    violations.push_back({"count", "must be positive"});
    co_return core::InvalidFields(std::move(violations));
  }
  if (request.text() == "flaky" && failures_left > 0) {
    --failures_left;
    co_return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_RESTORING, "not yet");
  }
  if (request.text() == "wait") co_await release.Wait(call->deadline());
  if (request.text() == "hold") co_await release.Wait(core::Deadline::After(std::chrono::hours(1)));
  if (request.text() == "who") response.set_text(call->identity().subject);
  if (request.text() == "trace") response.set_text(call->trace().ToTraceparent());
  if (request.text() == "source") {
    const auto* source = call->Metadata("haven-source");
    response.set_text(source == nullptr ? "none" : *source);
  }
  if (request.text() == "deadline") {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call->deadline().Remaining());
    response.set_number(static_cast<int>(left.count()));
  }
  co_return response;
}

async::Task<absl::Status> TestApi::Feed(CallPtr call, TestRequest request, StreamWriter<TestResponse> writer) {
  ++entered;
  call->OnCancel([this] { ++cancelled; });
  const bool flood = request.text() == "flood";
  TestResponse response;
  if (flood) response.set_text(std::string(64 * 1024, 'x'));
  for (int i = 1; flood || i <= request.count(); ++i) {
    response.set_number(i);
    const bool taken = co_await writer.Write(response);
    if (!taken) {
      ++streams_ended;
      co_return absl::CancelledError();
    }
    ++written;
  }
  // A streaming handler is cancelled with its call, so it may wait for longer than its deadline.
  if (request.text() == "wait") co_await release.Wait(core::Deadline::After(std::chrono::hours(1)));
  ++streams_ended;
  if (request.text() == "fail") {
    co_return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_RESTORING, "come back soon");
  }
  co_return absl::OkStatus();
}

async::Task<absl::StatusOr<Identity>> TestCredentials::Resolve(core::Deadline, std::string credential) {
  ++asked;
  if (away) {
    co_return core::MakeError(absl::StatusCode::kUnavailable, errors::v1::REASON_DEPENDENCY_DOWN, "database away");
  }
  if (credential != "key-1") {
    co_return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED, "no such key");
  }
  Identity identity;
  identity.kind = IdentityKind::kIntegrator;
  identity.subject = "key-1-id";
  identity.scopes.push_back("test.write");
  co_return identity;
}

TestHub::TestHub(Topology topology, std::function<void(ServerOptions&)> adjust) {
  loop.Start();
  std::vector<TrustedKey> keys;
  keys.push_back({people_key.public_key(), KeyUse::kPeople});
  keys.push_back({service_key.public_key(), KeyUse::kServices});
  verifier = NewTokenVerifier(std::move(keys), "hub", clock);
  api.Register(registry);
  ServerOptions options;
  options.tokens = verifier.get();
  options.credentials = &credentials;
  options.clock = &clock;
  options.metrics = &metrics;
  if (adjust) adjust(options);
  server = std::make_unique<Server>(loop, registry, options);
  char name[] = "/tmp/haven-rpc-XXXXXX";
  folder = ::mkdtemp(name);
  const std::string path = folder + "/s";
  if (topology == Topology::kUnix) REQUIRE(server->AddUnix(path).ok());
  if (topology == Topology::kTcp) REQUIRE(server->AddTcp("127.0.0.1:0").ok());
  const auto started = server->Start();
  INFO(started.ToString());
  REQUIRE(started.ok());
  if (topology == Topology::kInProcess) channel = server->InProcess();
  if (topology == Topology::kUnix) channel = Channel::Connect(loop, "unix:" + path, {});
  if (topology == Topology::kTcp) channel = Channel::Connect(loop, absl::StrCat("127.0.0.1:", server->port()), {});
}

TestHub::~TestHub() {
  channel.reset();
  OnLoop([this] { api.release.Set(); });
  server.reset();
  std::filesystem::remove_all(folder);
}

std::string TestHub::TokenOf(Identity identity, KeyUse use) {
  if (identity.expires == absl::InfiniteFuture()) identity.expires = clock.Now() + absl::Minutes(5);
  const auto token = (use == KeyUse::kPeople ? people : services)->Issue(identity);
  REQUIRE(token.ok());
  return *token;
}

std::string TestHub::StaffToken(std::vector<int> roles, absl::Duration life) {
  Identity identity;
  identity.kind = IdentityKind::kStaff;
  identity.subject = "user-1";
  identity.session_id = "session-1";
  for (const int role : roles) identity.roles.push_back(static_cast<Role>(role));
  identity.expires = clock.Now() + life;
  return TokenOf(identity);
}

std::string TestHub::ServiceToken() {
  Identity identity;
  identity.kind = IdentityKind::kService;
  identity.subject = "routing";
  return TokenOf(identity, KeyUse::kServices);
}

CallOptions TestHub::Within(std::chrono::milliseconds span, std::string token) {
  CallOptions options(core::Deadline::After(span));
  options.token = std::move(token);
  return options;
}

absl::StatusOr<TestResponse> TestHub::Call(const std::string& method, const TestRequest& request, CallOptions options) {
  return Run(channel->Call<TestRequest, TestResponse>(kService + method, request, std::move(options)));
}

absl::StatusOr<TestResponse> TestHub::Call(const std::string& method, const std::string& text, std::string token) {
  return Call(method, Text(text), Within(std::chrono::seconds(30), std::move(token)));
}

absl::StatusOr<std::string> TestHub::Raw(const std::string& method, const std::string& bytes, CallOptions options) {
  return Run(channel->RawCall(kService + method, bytes, std::move(options)));
}

bool TestHub::Eventually(std::function<bool()> condition) {
  return Run(Poll(std::move(condition)));
}

void TestHub::OnLoop(std::function<void()> work) {
  async::BlockOn(loop, Do(std::move(work)));
}

}  // namespace haven::rpc
