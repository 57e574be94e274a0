#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "libs/async/block_on.h"
#include "libs/async/loop.h"
#include "libs/async/task_group.h"
#include "libs/async/wait.h"
#include "libs/core/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/registry.h"
#include "libs/rpc/server.h"
#include "libs/rpc/tokens.h"
#include "rpc_test.pb.h"

namespace haven::rpc {

using rpctest::v1::TestRequest;
using rpctest::v1::TestResponse;

enum class Topology { kInProcess, kUnix, kTcp };
const char* NameOf(Topology topology);

// Handlers that tests steer by the request's text.
class TestApi {
 public:
  void Register(Registry& registry);

  // "fail": an error with metadata; "library": a status without reason; "throw"; "wait": until `release` or its
  // deadline; "hold": until `release`, whatever its deadline; "flaky": UNAVAILABLE while `failures_left`; "who": the
  // caller; "deadline": what is left, in ms; anything else: the text.
  async::Task<absl::StatusOr<TestResponse>> Answer(CallPtr call, TestRequest request);
  // `count` messages; "wait": one, then waits; "flood": 64 KiB each until Write says no.
  async::Task<absl::Status> Feed(CallPtr call, TestRequest request, StreamWriter<TestResponse> writer);

  std::atomic<int> entered{0};
  std::atomic<int> cancelled{0};  // calls that saw it
  std::atomic<int> streams_ended{0};
  std::atomic<int> written{0};
  std::atomic<int> failures_left{0};  // of "flaky"
  async::Event release;               // loop thread
};

// A resolver whose answers and number of questions tests see.
class TestCredentials final : public CredentialResolver {
 public:
  async::Task<absl::StatusOr<Identity>> Resolve(core::Deadline deadline, std::string credential) override;
  std::atomic<int> asked{0};
  std::atomic<bool> away{false};
};

// A server with every method of TestService, and a client.
class TestHub {
 public:
  explicit TestHub(Topology topology, std::function<void(ServerOptions&)> adjust = nullptr);
  ~TestHub();

  std::string StaffToken(std::vector<int> roles, absl::Duration life = absl::Minutes(5));
  std::string TokenOf(Identity identity, KeyUse use = KeyUse::kPeople);
  std::string ServiceToken();
  static CallOptions Within(std::chrono::milliseconds span, std::string token = "");

  absl::StatusOr<TestResponse> Call(const std::string& method, const TestRequest& request, CallOptions options);
  absl::StatusOr<TestResponse> Call(const std::string& method, const std::string& text, std::string token);
  absl::StatusOr<std::string> Raw(const std::string& method, const std::string& bytes, CallOptions options);
  // Runs `task` on the loop.
  template <class T>
  T Run(async::Task<T> task) {
    return async::BlockOn(loop, std::move(task));
  }
  // Waits until `condition` holds, looked at on the loop; false after 20 s.
  bool Eventually(std::function<bool()> condition);
  void OnLoop(std::function<void()> work);

  core::ManualClock clock{absl::Now()};
  async::Loop loop;
  TestApi api;
  TestCredentials credentials;
  telemetry::Metrics metrics;
  crypto::SigningKey people_key = crypto::SigningKey::Generate(core::SystemRandom());
  crypto::SigningKey service_key = crypto::SigningKey::Generate(core::SystemRandom());
  std::unique_ptr<TokenIssuer> people = NewTokenIssuer(people_key, KeyUse::kPeople, "hub", clock);
  std::unique_ptr<TokenIssuer> services = NewTokenIssuer(service_key, KeyUse::kServices, "hub", clock);
  std::unique_ptr<TokenVerifier> verifier;
  Registry registry;
  std::unique_ptr<Server> server;
  std::shared_ptr<Channel> channel;
  std::string folder;
};

TestRequest Text(std::string text, int count = 0);

}  // namespace haven::rpc
