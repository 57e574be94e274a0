#include "services/routing/api/live_keeper.h"

#include <utility>

#include "libs/core/log.h"
#include "services/routing/api/words.h"

namespace haven::routing {
namespace {

constexpr std::chrono::milliseconds kTickEvery{100};
constexpr std::chrono::seconds kSweepEvery{30};
constexpr std::chrono::seconds kReconcileLease{30};
constexpr int kPage = 500;

core::Deadline Soon() {
  return core::Deadline::After(std::chrono::seconds(5));
}
core::Logger& Log() {
  static core::Logger log("routing");
  return log;
}

}  // namespace

KeeperMetrics::KeeperMetrics(telemetry::Metrics& metrics)
    : restores(metrics.AddCounter("haven_routing_restores_total",
                                  "Rebuilds of the live state after Redis was lost or replaced.")),
      missed_offers(metrics.AddCounter("haven_routing_missed_offers_total", "Offers that expired unanswered.")),
      accept_checks(
          metrics.AddCounter("haven_routing_accept_checks_total", "Accepts whose end was read from the ledger.")),
      sweeps(metrics.AddCounter("haven_routing_sweeps_total", "Passes over the whole live state, by outcome.",
                                {"outcome"})),
      restoring(metrics.AddGauge("haven_routing_restoring_count", "1 while the live state is being restored.")) {}

LiveKeeper::LiveKeeper(Router& router, redis::Redis& redis, ActivityWriter& activities, core::Random& random,
                       KeeperMetrics metrics)
    : router_(router),
      redis_(redis),
      activities_(activities),
      random_(random),
      metrics_(metrics),
      owner_(core::NewUuid(router.clock, random)) {}

void LiveKeeper::Start(async::TaskGroup& tasks) {
  redis_.OnConnect([this](const redis::ConnectInfo& info) {
    if (info.changed()) sweep_.Set();
  });
  tasks.Spawn(Ticks(this));
  tasks.Spawn(Sweeps(this));
}

async::Task<void> LiveKeeper::Ticks(LiveKeeper* self) {
  for (;;) {
    self->tick_.Reset();
    auto done = co_await self->router_.engine.Tick(Soon());
    if (done.ok()) {
      for (auto& effect : done->effects) co_await self->HandleEffect(std::move(effect));
      if (done->more) continue;
    }
    co_await self->tick_.Wait(core::Deadline::After(kTickEvery));
    if (co_await async::Cancelled()) co_return;
  }
}

async::Task<void> LiveKeeper::HandleEffect(Effect effect) {
  if (effect.kind == Effect::Kind::kMissedOffer) {
    metrics_.missed_offers.Add();
    activities_.Put(effect.agent.value(), std::string(kMissedOffer), effect.activity_version);
    co_return;
  }
  metrics_.accept_checks.Add();
  auto entry = co_await router_.ledger.Get(Soon(), effect.reservation.contact.value());
  if (!entry.ok()) co_return;  // its lease brings it again
  if (entry->state == EntryState::kQueued && entry->epoch == effect.reservation.epoch) {
    (co_await router_.engine.AcceptUndo(Soon(), effect.reservation)).IgnoreError();  // its lease brings it again
  } else {
    (co_await ProjectEntry(router_, Soon(), *std::move(entry))).IgnoreError();
  }
}

async::Task<void> LiveKeeper::Sweeps(LiveKeeper* self) {
  for (;;) {
    self->sweep_.Reset();
    std::chrono::milliseconds pause = kSweepEvery;
    auto live = co_await self->RestoreIfNeeded();
    if (live.ok() && *live) {
      auto status = co_await self->PushConfiguration();
      if (status.ok()) status = co_await self->PushLedger();
      if (status.ok()) status = co_await self->DropEnded();
      if (status.ok()) status = co_await self->SweepAgents();
      self->metrics_.sweeps.With({status.ok() ? "done" : "failed"}).Add();
      if (!status.ok()) pause = std::chrono::seconds(1);
    } else {
      pause = std::chrono::milliseconds(500);
    }
    co_await self->sweep_.Wait(core::Deadline::After(pause));
    if (co_await async::Cancelled()) co_return;
  }
}

async::Task<absl::StatusOr<bool>> LiveKeeper::RestoreIfNeeded() {
  if (router_.settings.version() == 0 || !redis_.Connected()) co_return false;
  const std::string run_id = redis_.run_id();
  auto generation = co_await router_.engine.ReadGeneration(Soon());
  if (!generation.ok()) co_return generation.status();
  auto saved = co_await router_.ledger.LoadGeneration(Soon());
  if (!saved.ok()) co_return saved.status();
  if (!generation->value.empty() && generation->run_id == run_id && saved->value == generation->value) {
    ready_ = true;
    metrics_.restoring.Set(0);
    co_return true;
  }
  ready_ = false;
  metrics_.restoring.Set(1);
  auto mine = co_await router_.engine.AcquireReconcile(Soon(), owner_, kReconcileLease);
  if (!mine.ok()) co_return mine.status();
  if (!*mine) co_return false;  // another process restores
  Log().Warning(
      "restoring_live_state",
      {{"generation_was", generation->value.empty() ? core::LogName("missing") : core::LogName("of another server")}});
  pushed_version_ = 0;
  if (auto status = co_await PushConfiguration(); !status.ok()) co_return status;
  auto activities = co_await router_.ledger.LoadActivities(Soon());
  if (!activities.ok()) co_return activities.status();
  for (const auto& a : *activities) {
    if (!router_.settings.HasAgent(a.agent_id)) continue;
    auto status = co_await router_.engine.RestoreActivity(Soon(), AgentId(a.agent_id),
                                                          api::EngineActivity(api::ActivityOf(a.activity)), a.version);
    if (!status.ok()) co_return status;
  }
  if (auto status = co_await PushLedger(); !status.ok()) co_return status;
  if (auto status = co_await DropEnded(); !status.ok()) co_return status;
  // Written last, and to the ledger first: a crash between restores once more.
  Generation fresh{core::NewUuid(router_.clock, random_), run_id};
  LedgerStore::Generation record{fresh.value, fresh.run_id};
  if (auto status = co_await router_.ledger.SaveGeneration(Soon(), std::move(record)); !status.ok()) co_return status;
  if (auto status = co_await router_.engine.SetReady(Soon(), std::move(fresh)); !status.ok()) co_return status;
  metrics_.restores.Add();
  metrics_.restoring.Set(0);
  ready_ = true;
  Log().Info("live_state_restored");
  co_return true;
}

async::Task<absl::Status> LiveKeeper::PushConfiguration() {
  if (pushed_version_ == router_.settings.version()) co_return absl::OkStatus();
  const auto version = router_.settings.version();
  for (auto& agent : router_.settings.agents()) {
    if (auto status = co_await router_.engine.UpsertAgent(Soon(), std::move(agent)); !status.ok()) co_return status;
  }
  for (auto& agent : router_.settings.TakeRemoved()) {
    if (auto status = co_await router_.engine.RemoveAgent(Soon(), std::move(agent), version); !status.ok())
      co_return status;
  }
  pushed_version_ = version;
  co_return absl::OkStatus();
}

async::Task<absl::Status> LiveKeeper::PushLedger() {
  std::string after;
  alive_.clear();
  for (;;) {
    auto page = co_await router_.ledger.LivePage(Soon(), after, kPage);
    if (!page.ok()) co_return page.status();
    for (auto& entry : *page) {
      after = entry.contact_id;
      alive_.insert(after);
      if (auto status = co_await ProjectEntry(router_, Soon(), std::move(entry)); !status.ok()) co_return status;
    }
    if (page->size() < static_cast<std::size_t>(kPage)) co_return absl::OkStatus();
  }
}

async::Task<absl::Status> LiveKeeper::DropEnded() {
  std::string cursor = "0";
  do {
    auto page = co_await router_.engine.ListContacts(Soon(), cursor, kPage);
    if (!page.ok()) co_return page.status();
    for (auto& live : page->contacts) {
      if (live.state == 't' || alive_.contains(live.contact.value())) continue;
      auto entry = co_await router_.ledger.Get(Soon(), live.contact.value());
      if (!entry.ok() || entry->sequence == live.sequence) continue;
      if (auto status = co_await ProjectEntry(router_, Soon(), *std::move(entry)); !status.ok()) co_return status;
    }
    cursor = page->next_cursor;
  } while (cursor != "0");
  co_return absl::OkStatus();
}

async::Task<absl::Status> LiveKeeper::SweepAgents() {
  for (const auto& agent : router_.settings.agents()) {
    if (auto status = co_await router_.engine.SweepAgent(Soon(), agent.agent); !status.ok()) co_return status;
  }
  co_return absl::OkStatus();
}

}  // namespace haven::routing
