#include "tests/bench/routing.h"

#include <utility>

#include "libs/async/block_on.h"

namespace haven::bench {
namespace {

async::Task<absl::StatusOr<events::Fanout::Subscribed>> Subscribe(events::Fanout* fanout, events::Handlers handlers) {
  const absl::Status ready = co_await fanout->WaitReady(core::Deadline::After(std::chrono::seconds(10)));
  if (!ready.ok()) co_return ready;
  auto cursor = fanout->Cursor();
  if (!cursor.ok()) co_return cursor.status();
  co_return fanout->Subscribe(*cursor, std::move(handlers));
}

async::Task<void> End(std::unique_ptr<events::Fanout::Subscription> subscription,
                      std::unique_ptr<events::Fanout> fanout) {
  subscription.reset();
  fanout->Close();
  co_return;
}

}  // namespace

Offers::Offers(Hub& hub, std::function<void(Offered)> on_offer, std::function<void(const std::string&)> on_end)
    : hub_(hub) {
  events::FanoutOptions options;
  options.reader.redis.target = "unix:" + hub.stage().redis_socket;
  options.reader.stream = events::StreamKey("bench");
  options.keep = 1;
  fanout_ = events::Fanout::Create(hub.loop().executor(), std::move(options));
  events::Handlers handlers;
  handlers.on_event = [on_offer = std::move(on_offer),
                       on_end = std::move(on_end)](const events::ReceivedPtr& received) {
    const auto& event = received->event;
    if (event.kind() == events::v1::EVENT_KIND_CONTACT_ENDED && on_end) on_end(event.contact_id());
    if (event.kind() != events::v1::EVENT_KIND_CONTACT_OFFERED) return;
    on_offer({event.agent_id(), event.reservation_id(), event.contact_id()});
  };
  handlers.on_reset = [](const redis::StreamCursor&) { Fail("events were lost: the reader is too slow"); };
  auto subscribed = async::BlockOn(hub.loop(), Subscribe(fanout_.get(), std::move(handlers)));
  if (!subscribed.ok()) Fail("the hub's events: " + subscribed.status().ToString());
  subscription_ = std::move(subscribed->subscription);
}

Offers::~Offers() {
  async::BlockOn(hub_.loop(), End(std::move(subscription_), std::move(fanout_)));
}

int RunRouting(const Stage& stage) {
  Hub hub(stage);
  const double per_second = MeasureEngine(hub);
  MeasureGrpc(hub);
  MeasureOpenLoop(hub, per_second / 2);
  Postgres sql(stage.postgres);
  sql.WaitDelivered(30);
  if (hub.failed() > 0) Fail(std::to_string(hub.failed()) + " calls failed");
  if (const long refused = sql.Number("SELECT (SELECT count(*) FROM routing.outbox_refused) + (SELECT count(*) FROM "
                                      "channels.outbox_refused)");
      refused > 0) {
    Fail(std::to_string(refused) + " hand-offs were refused for good");
  }
  if (const long apart = sql.Number("SELECT count(*) FROM routing.ledger l JOIN channels.contact c ON c.id = "
                                    "l.contact_id WHERE c.epoch <> l.epoch "
                                    "OR (l.state = 4) <> (c.state = 2)");
      apart > 0) {
    Fail(std::to_string(apart) + " contacts are not in channels what they are in the ledger");
  }
  return 0;
}

}  // namespace haven::bench
