// No text, name or token may be in a log line, an error or a metric.
#include <mutex>

#include "libs/core/log.h"
#include "services/channels/tests/client.h"

namespace haven::channels::testing {
namespace {

class CapturedLog {
 public:
  CapturedLog() {
    core::SetLogLevel(core::LogLevel::kDebug);
    core::SetLogSink([this](std::string_view line) { text_ += std::string(line) + "\n"; });
  }
  ~CapturedLog() {
    core::SetLogSink(nullptr);
    core::SetLogLevel(core::LogLevel::kInfo);
  }
  bool Holds(const std::string& what) const { return text_.find(what) != std::string::npos; }

 private:
  std::string text_;
};

TEST_CASE("Logs, errors and metrics hold nothing personal") {
  CapturedLog log;
  TestHub hub({.flags = {"--channels.starts-per-source=2"}});
  RoutingCaller routing(hub);
  auto visitor = Visitor::Start(hub);
  const std::string secret = "Zaynab lives at the third house";
  visitor.Post(secret);
  std::string errors;
  const auto note = [&](const absl::Status& status) { errors += status.ToString() + core::SerializeDetails(status); };
  note(visitor.TryPost(secret + std::string("\x01", 1)).status());
  note(visitor.TryPost(secret, "no-uuid").status());
  const std::string id = NewId();
  note(visitor.TryPost("first", id).status());
  note(visitor.TryPost(secret, id).status());
  hub.Sql("ALTER TABLE channels.message ADD CONSTRAINT broken CHECK (text NOT LIKE '%third%') NOT VALID");
  const auto broken = visitor.TryPost(secret);
  CHECK_FALSE(broken.ok());
  note(broken.status());
  const std::string contact = visitor.Contact();
  REQUIRE(routing.Owner(contact, 2, kAmal).ok());
  note(Agent{hub, kAmal}.Send(visitor.conversation, contact, 1, secret).status());
  note(Agent{hub, kAmal}.Send(visitor.conversation, contact, 2, secret).status());
  Visitor forged{hub, visitor.token + "x", visitor.conversation};
  note(forged.TryPost(secret).status());

  const std::string metrics = hub.metrics().Exposition();
  for (const std::string& private_text : {std::string("Zaynab"), std::string("third house"), visitor.token,
                                          visitor.token.substr(4), std::string("Haddad")}) {
    INFO(private_text);
    CHECK_FALSE(log.Holds(private_text));
    CHECK(errors.find(private_text) == std::string::npos);
    CHECK(metrics.find(private_text) == std::string::npos);
  }
  // At rest, a token is only there as its hash.
  CHECK(hub.Sql("SELECT count(*) FROM channels.visitor WHERE token_hash = sha256('" + visitor.token + "')") == "1");
}

TEST_CASE("Names of metrics are those the dashboards know") {
  TestHub hub;
  std::string names;
  std::string line;
  for (const char c : hub.metrics().Names()) {
    line += c;
    if (c != '\n') continue;
    if (line.find("haven_channels_") != std::string::npos) names += line.substr(0, line.find(' ')) + "\n";
    line.clear();
  }
  CHECK(names ==
        "haven_channels_chat_starts_refused_total\n"
        "haven_channels_chats_started_total\n"
        "haven_channels_closings_held_total\n"
        "haven_channels_contacts_ended_total\n"
        "haven_channels_events_held\n"
        "haven_channels_fallbacks_total\n"
        "haven_channels_ledger_lookups_total\n"
        "haven_channels_messages_total\n"
        "haven_channels_replies_refused_total\n"
        "haven_channels_streams\n"
        "haven_channels_streams_evicted_total\n");
}

}  // namespace
}  // namespace haven::channels::testing
