#include "tests/bench/hub.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "haven/internal/routing/v1/queue_service.pb.h"
#include "haven/routing/v1/routing_service.pb.h"
#include "haven/system/v1/system.pb.h"
#include "libs/async/block_on.h"
#include "libs/async/wait.h"

namespace haven::bench {
namespace {

namespace queues = internal::routing::v1;
constexpr std::chrono::seconds kCallLimit{20};

async::Task<void> Worker(long* next, long count, std::function<async::Task<void>(long)> body) {
  while (*next < count) {
    const long i = (*next)++;
    co_await body(i);
  }
}

async::Task<void> Idle(async::TaskGroup* group) {
  while (group->active() > 0) co_await async::Sleep(std::chrono::milliseconds(1));
}

async::Task<void> Gone(async::TaskGroup* group) {
  co_await group->Drain(core::Deadline::After(kCallLimit));
}

}  // namespace

Hub::Hub(const Stage& stage) : stage_(stage) {
  auto key = crypto::SigningKey::Load(stage.folder + "/files/keys/services.key");
  if (!key.ok()) Fail(absl::StrCat("the hub's key: ", key.status().ToString()));
  issuer_ = rpc::NewTokenIssuer(*key, rpc::KeyUse::kServices, "bench", core::SystemClock());
  loop_.Start();
  auto channel = rpc::Channel::Connect(loop_, "unix:" + stage.hub_socket, {});
  services_ = channel->As(rpc::NewServiceTokenSource(*issuer_, "bench", core::SystemClock()));
  integrator_ = channel->As(rpc::NewFixedTokenSource(stage.key));
  present_ = std::make_unique<async::TaskGroup>(loop_, "present");
}

Hub::~Hub() {
  async::BlockOn(loop_, Gone(present_.get()));
}

std::vector<Agent> Hub::Agents(const std::string& prefix) {
  Postgres sql(stage_.postgres);
  std::vector<Agent> agents;
  for (auto& row : sql.Rows("SELECT id FROM directory.users WHERE username LIKE '" + prefix + "%' ORDER BY username"))
    agents.push_back({row[0], NewId()});
  if (agents.empty()) Fail("the hub has no agents " + prefix);
  return agents;
}

std::string Hub::Contact(long number) {
  return absl::StrFormat("00000000-aaaa-7bbb-8ccc-%012d", number);
}
std::string Hub::Conversation(long number) {
  return absl::StrFormat("00000000-dddd-7bbb-8ccc-%012d", number);
}

void Hub::Failed(const char* method, const absl::Status& status) {
  if (++failed_ <= 10) Note(absl::StrCat(method, ": ", status.ToString()));
}

template <class Resp, class Req>
async::Task<bool> Hub::Do(rpc::Channel* channel, const char* method, Req request, Resp* response) {
  rpc::CallOptions options(core::Deadline::After(kCallLimit));
  const absl::Status status = co_await channel->CallMessage(method, request, response, std::move(options));
  if (!status.ok()) Failed(method, status);
  co_return status.ok();
}

async::Task<bool> Hub::Enqueue(long number, std::string queue, std::string language) {
  queues::EnqueueRequest request;
  request.set_contact_id(Contact(number));
  request.set_conversation_id(Conversation(number));
  request.mutable_handoff()->set_caller("bench");
  request.mutable_handoff()->set_aggregate(request.contact_id());
  request.mutable_handoff()->set_sequence(1);
  request.set_epoch(1);
  request.set_channel(haven::channels::v1::CHANNEL_WEBCHAT);
  request.set_queue(queue);
  request.set_language(language);
  queues::EnqueueResponse response;
  co_return co_await Do(services_.get(), "haven.internal.routing.v1.QueueService/Enqueue", std::move(request),
                        &response);
}

async::Task<bool> Hub::SetActivity(std::string agent, routing::v1::Activity activity) {
  routing::v1::SetActivityRequest request;
  request.set_agent_id(agent);
  request.set_activity(activity);
  routing::v1::SetActivityResponse response;
  co_return co_await Do(integrator_.get(), "haven.routing.v1.RoutingService/SetActivity", std::move(request),
                        &response);
}

async::Task<long> Hub::Accept(std::string agent, std::string reservation) {
  routing::v1::AcceptReservationRequest request;
  request.set_agent_id(agent);
  request.set_reservation_id(reservation);
  routing::v1::AcceptReservationResponse response;
  const bool done = co_await Do(integrator_.get(), "haven.routing.v1.RoutingService/AcceptReservation",
                                std::move(request), &response);
  co_return done ? response.assignment().epoch() : 0;
}

async::Task<bool> Hub::Complete(std::string agent, std::string contact, long epoch) {
  routing::v1::CompleteContactRequest request;
  request.set_agent_id(agent);
  request.set_contact_id(contact);
  request.set_epoch(epoch);
  request.set_handled_through(1);
  request.set_request_id(NewId());
  routing::v1::CompleteContactResponse response;
  co_return co_await Do(integrator_.get(), "haven.routing.v1.RoutingService/CompleteContact", std::move(request),
                        &response);
}

async::Task<bool> Hub::Finish(std::string agent, std::string contact) {
  routing::v1::FinishWrapUpRequest request;
  request.set_agent_id(agent);
  request.set_contact_id(contact);
  request.set_disposition("helped");
  request.set_request_id(NewId());
  routing::v1::FinishWrapUpResponse response;
  co_return co_await Do(integrator_.get(), "haven.routing.v1.RoutingService/FinishWrapUp", std::move(request),
                        &response);
}

async::Task<bool> Hub::Echo() {
  haven::system::v1::EchoRequest request;
  haven::system::v1::EchoResponse response;
  co_return co_await Do(services_.get(), "haven.system.v1.SystemService/Echo", std::move(request), &response);
}

async::Task<bool> Hub::End(std::string agent, std::string contact, long epoch) {
  const bool completed = co_await Complete(agent, contact, epoch);
  if (!completed) co_return false;
  co_return co_await Finish(agent, contact);
}

async::Task<void> Hub::KeepPresent(std::vector<Agent> agents) {
  for (;;) {
    queues::AssertPresenceRequest request;
    ++lease_;
    for (const Agent& agent : agents) {
      auto* lease = request.add_leases();
      lease->set_agent_id(agent.id);
      lease->set_connection_id(agent.connection);
      lease->set_lease(lease_);
    }
    queues::AssertPresenceResponse response;
    co_await Do(services_.get(), "haven.internal.routing.v1.QueueService/AssertPresence", std::move(request),
                &response);
    const bool slept = co_await async::Sleep(std::chrono::seconds(10));
    if (!slept) co_return;
  }
}

void Hub::ForEach(long count, int at_once, std::function<async::Task<void>(long)> body) {
  long next = 0;
  async::TaskGroup group(loop_, "each");
  for (int i = 0; i < at_once; ++i) group.Spawn(Worker(&next, count, body));
  async::BlockOn(loop_, Idle(&group));
}

void Hub::SetAll(const std::vector<Agent>& agents, routing::v1::Activity activity) {
  ForEach(static_cast<long>(agents.size()), 16, [this, &agents, activity](long i) -> async::Task<void> {
    return [](Hub* hub, std::string agent, routing::v1::Activity wanted) -> async::Task<void> {
      co_await hub->SetActivity(agent, wanted);
    }(this, agents[static_cast<std::size_t>(i)].id, activity);
  });
}

void Hub::BringIn(const std::vector<Agent>& agents, bool with_leases) {
  if (with_leases) present_->Spawn(KeepPresent(agents));
  SetAll(agents, routing::v1::ACTIVITY_AVAILABLE);
}

void Hub::EnqueueAll(long first, long count, std::function<std::pair<std::string, std::string>(long)> place) {
  ForEach(count, 64, [this, first, place = std::move(place)](long i) -> async::Task<void> {
    auto [queue, language] = place(first + i);
    return [](Hub* hub, long number, std::string to, std::string speaks) -> async::Task<void> {
      co_await hub->Enqueue(number, to, speaks);
    }(this, first + i, queue, language);
  });
}

}  // namespace haven::bench
