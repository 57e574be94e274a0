// The race that promise P3 is about: a message arrives in the moment in which the contact is closed.
#include <iostream>

#include "libs/async/task_group.h"
#include "services/channels/tests/client.h"

namespace haven::channels::testing {
namespace {

constexpr int kRaces = 10'000;
constexpr int kLanes = 16;

struct Counts {
  int races = 0;
  int closed_first = 0;   // the message opened the next contact
  int message_first = 0;  // the closing answered `newer message`
  int done = 0;           // lanes
  std::string broken;
};

// One conversation that is raced again and again: an agent completes what it has seen while the person writes.
class Lane {
 public:
  Lane(TestHub* hub, Visitor visitor, int races, Counts* counts)
      : hub_(hub), routing_(*hub), visitor_(std::move(visitor)), races_(races), counts_(counts) {
    service_ = hub->ServiceToken("routing");
  }

  static async::Task<void> Run(Lane* lane) {
    std::string contact = co_await lane->NewContact("");
    std::int64_t epoch = 1;
    std::int64_t seen = 1;
    for (int i = 0; i < lane->races_ && lane->counts_->broken.empty(); ++i) {
      if (!co_await lane->GiveToAgent(contact, ++epoch)) co_return;
      std::optional<absl::StatusOr<v1::PostMessageResponse>> posted;
      std::optional<absl::StatusOr<wire::CloseContactResponse>> closed;
      async::TaskGroup both(lane->hub_->loop(), "race");
      // Which of the two is sent first alternates; which one wins is PostgreSQL's.
      if (i % 2 == 0) both.Spawn(Post(lane, &posted));
      both.Spawn(Close(lane, lane->routing_.Closing(contact, epoch, seen), &closed));
      if (i % 2 == 1) both.Spawn(Post(lane, &posted));
      while (!posted || !closed) co_await async::Sleep(std::chrono::microseconds(100));
      if (!posted->ok()) co_return lane->Break("post", posted->status());
      if (!closed->ok()) co_return lane->Break("close", closed->status());
      ++lane->counts_->races;
      seen = (*posted)->message().sequence();
      if ((*closed)->closed()) {
        ++lane->counts_->closed_first;
        contact = co_await lane->NewContact(contact);
        epoch = 1;
      } else {
        ++lane->counts_->message_first;
        if ((*closed)->newest_sequence() != seen)
          co_return lane->Break("newest", absl::InternalError("wrong sequence"));
      }
    }
    ++lane->counts_->done;
  }

 private:
  // An agent has the contact and has seen everything.
  async::Task<bool> GiveToAgent(std::string contact, std::int64_t epoch) {
    wire::ApplyOwnerRequest owner;
    routing_.Fill(contact, owner.mutable_handoff());
    owner.set_contact_id(contact);
    owner.set_epoch(epoch);
    owner.set_owner_kind(v1::OWNER_KIND_AGENT);
    owner.set_agent_id(kAmal);
    owner.set_queue("legal");
    auto applied = co_await Call<wire::ApplyOwnerRequest, wire::ApplyOwnerResponse>(
        std::string(kContacts) + "ApplyOwner", std::move(owner), service_);
    if (!applied.ok()) Break("owner", applied.status());
    co_return applied.ok();
  }
  // The contact that the flow was started for, once it is another one than `before`.
  async::Task<std::string> NewContact(std::string before) {
    while (true) {
      const std::string contact = hub_->neighbours.newest_contact[visitor_.conversation];
      if (!contact.empty() && contact != before) co_return contact;
      co_await async::Sleep(std::chrono::microseconds(100));
    }
  }

  template <class Req, class Resp>
  async::Task<absl::StatusOr<Resp>> Call(std::string method, Req request, std::string token) {
    rpc::CallOptions options(core::Deadline::After(std::chrono::seconds(30)));
    options.token = std::move(token);
    co_return co_await hub_->channel().Call<Req, Resp>(std::move(method), std::move(request), std::move(options));
  }
  static async::Task<void> Post(Lane* lane, std::optional<absl::StatusOr<v1::PostMessageResponse>>* out) {
    v1::PostMessageRequest request;
    request.set_text("wait");
    request.set_request_id(NewId());
    out->emplace(co_await lane->Call<v1::PostMessageRequest, v1::PostMessageResponse>(
        std::string(kWebchat) + "PostMessage", request, lane->visitor_.token));
  }
  static async::Task<void> Close(Lane* lane, wire::CloseContactRequest request,
                                 std::optional<absl::StatusOr<wire::CloseContactResponse>>* out) {
    out->emplace(co_await lane->Call<wire::CloseContactRequest, wire::CloseContactResponse>(
        std::string(kContacts) + "CloseContact", request, lane->service_));
  }
  void Break(const std::string& what, const absl::Status& status) { counts_->broken = what + ": " + status.ToString(); }

  TestHub* hub_;
  RoutingCaller routing_;
  Visitor visitor_;
  int races_;
  Counts* counts_;
  std::string service_;
};

TEST_CASE("A message that arrives in the moment of closing is never unseen", "[race]") {
  TestHub hub({.flags = {"--channels.starts-per-source=1000"}});
  Counts counts;
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < kLanes; ++i) {
    lanes.push_back(std::make_unique<Lane>(&hub, Visitor::Start(hub), kRaces / kLanes, &counts));
  }
  {
    async::TaskGroup group(hub.loop(), "lanes");
    for (auto& lane : lanes) group.Spawn(Lane::Run(lane.get()));
    for (int waits = 0; waits < 30; ++waits) {
      if (hub.Eventually([&] { return counts.done == kLanes || !counts.broken.empty(); })) break;
    }
    REQUIRE(hub.Eventually([&] { return group.active() == 0; }));
  }
  INFO(counts.broken);
  CHECK(counts.broken.empty());
  CHECK(counts.races == kRaces);
  // Both outcomes were really raced for.
  CHECK(counts.closed_first > kRaces / 50);
  CHECK(counts.message_first > kRaces / 50);
  std::cout << "races: " << counts.races << ", closed first " << counts.closed_first << ", message first "
            << counts.message_first << "\n";
  CHECK(hub.Sql("SELECT count(*) FROM channels.message WHERE author = 1") == std::to_string(kRaces));
  // Each message is in a contact that is open, or was ended by somebody who had seen it.
  CHECK(hub.Sql("SELECT count(*) FROM channels.message m LEFT JOIN channels.contact k ON k.id = m.contact_id WHERE "
                "m.author = 1 "
                "AND NOT coalesce(k.state = 1 OR k.handled_through >= m.sequence, false)") == "0");
  CHECK(hub.Sql("SELECT count(*) FROM (SELECT 1 FROM channels.contact WHERE state = 1 GROUP BY conversation_id HAVING "
                "count(*) > "
                "1) twice") == "0");
}

}  // namespace
}  // namespace haven::channels::testing
