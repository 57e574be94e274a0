// What identity rests on besides hashes: rules for passwords, scopes, paths of mistakes.
#include <google/protobuf/descriptor.h>

#include <catch2/catch.hpp>
#include <set>

#include "haven/channels/v1/conversation_service.pb.h"
#include "haven/desk/v1/feed_service.pb.h"
#include "haven/directory/v1/directory_service.pb.h"
#include "haven/directory/v1/identity_service.pb.h"
#include "haven/options/v1/access.pb.h"
#include "haven/routing/v1/routing_service.pb.h"
#include "services/directory/domain/field_path.h"
#include "services/directory/domain/password_policy.h"
#include "services/directory/domain/scopes.h"

namespace haven::directory {
namespace {

void CollectScopes(const google::protobuf::FileDescriptor* file, std::set<std::string_view>* scopes) {
  for (int i = 0; i < file->service_count(); ++i) {
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      const auto& access = file->service(i)->method(j)->options().GetExtension(options::v1::access);
      if (!access.scope().empty()) scopes->insert(access.scope());
    }
  }
}

TEST_CASE("Scopes_AreThoseOfThePublicMethods") {
  std::set<std::string_view> asked;
  CollectScopes(channels::v1::SendMessageRequest::descriptor()->file(), &asked);
  CollectScopes(desk::v1::WatchRequest::descriptor()->file(), &asked);
  CollectScopes(v1::ApplyHubRequest::descriptor()->file(), &asked);
  CollectScopes(v1::SignInRequest::descriptor()->file(), &asked);
  CollectScopes(routing::v1::SetActivityRequest::descriptor()->file(), &asked);
  CHECK(std::vector<std::string_view>(asked.begin(), asked.end()) == KnownScopes());
}

TEST_CASE("Password_GoodOnes") {
  for (const char* good :
       {"correct horse battery staple", "tulip-garden-47-moss", "k7mp-x2vd-9qrt-h4wz", "سر طويل جداً لا يعرفه أحد",
        "my password is a very long story", "amal likes to swim in winter", "Zq8#vLm2!pRt"}) {
    INFO(good);
    CHECK(ProblemWithPassword(good, "amal", "lebanon") == std::nullopt);
  }
}

TEST_CASE("Password_WhatGuessersTryFirst") {
  for (const char* bad : {"", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "121212121212", "123456789012",
                          "abcdefghijkl", "qwertyuiop12", "Password2026!", "P@ssw0rd1234", "passwordpassword",
                          "welcome12345", "amal-amal-amal", "lebanon20262", "administrator", "qwertzuiopqwertzuiop"}) {
    INFO(bad);
    CHECK(ProblemWithPassword(bad, "amal", "lebanon").has_value());
  }
  CHECK(ProblemWithPassword(std::string(1025, 'x') + "abcdefg", "a", "b").has_value());
  CHECK(ProblemWithPassword(std::string("tulip-\0garden-47", 16), "a", "b").has_value());
}

TEST_CASE("FieldPath_ToJsonAndBack") {
  for (const char* path : {"queues[2].required_skills[0].level", "users[0].password_ref", "subjects[0].titles.pt-BR",
                           "key", "hours[0].spans[1]", "privacy.zh-Hans-CN"}) {
    INFO(path);
    CHECK(FromJsonPath(ToJsonPath(path)) == path);
  }
  CHECK(ToJsonPath("queues[2].required_skills[0].level") == "queues[2].requiredSkills[0].level");
}

}  // namespace
}  // namespace haven::directory
