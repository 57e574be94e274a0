#include "libs/store/audit.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "libs/store/audit_chain.h"
#include "libs/store/hash.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

namespace asio = boost::asio;

constexpr Statement kAuditAppend{"audit_append",
                                 "INSERT INTO audit(time, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5)"};
// "AUDIT" in hexadecimal beside the schema: one linker at a time.
constexpr Statement kAuditLock{"audit_lock",
                               "SELECT pg_try_advisory_xact_lock(x'41554449'::int, hashtext(current_schema()))"};
// The head; and whether its transaction lies in the future: then the database was restored from a dump into a new
// cluster, whose transactions count from the start.
constexpr Statement kAuditHead{"audit_head",
                               "SELECT position, hash, xid >= pg_snapshot_xmax(pg_current_snapshot()) FROM audit_chain"
                               " ORDER BY position DESC LIMIT 1"};
// Below xmin nothing is running: what is not visible there never will be. So this order is final.
constexpr Statement kAuditNew{"audit_new",
                              "SELECT id, time, actor, action, object, detail, xid::text FROM audit WHERE (xid, id) >"
                              " (coalesce((SELECT xid FROM audit_chain ORDER BY position DESC LIMIT 1), '0'::xid8),"
                              "  coalesce((SELECT audit_id FROM audit_chain ORDER BY position DESC LIMIT 1), 0))"
                              " AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id LIMIT 1000"};
constexpr Statement kAuditNewRestored{
    "audit_new_restored",
    "SELECT id, time, actor, action, object, detail, xid::text FROM audit a WHERE"
    " (xid < pg_snapshot_xmin(pg_current_snapshot()) OR xid >= pg_snapshot_xmax(pg_current_snapshot()))"
    " AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_id = a.id) ORDER BY xid DESC, id LIMIT 1000"};
constexpr Statement kAuditLink{"audit_link",
                               "INSERT INTO audit_chain(position, audit_id, xid, hash) SELECT p, a, x::xid8, h FROM"
                               " unnest($1::int8[], $2::int8[], $3::text[], $4::bytea[]) AS l(p, a, x, h)"};
constexpr Statement kAuditLate{"audit_late",
                               "SELECT count(*) FROM audit WHERE (xid, id) >"
                               " (coalesce((SELECT xid FROM audit_chain ORDER BY position DESC LIMIT 1), '0'::xid8),"
                               "  coalesce((SELECT audit_id FROM audit_chain ORDER BY position DESC LIMIT 1), 0))"
                               " AND written_time < clock_timestamp() - make_interval(secs => $1::int8 / 1000.0)"};
constexpr std::int64_t kAuditBatch = 1000;

// The chain's next links for `rows`, as parameters of kAuditLink; moves `head`.
Params Links(const Rows& rows, AuditHead& head, std::string& hash) {
  std::vector<std::int64_t> positions, ids;
  std::vector<std::string> xids, hashes;
  for (int i = 0; i < rows.size(); ++i) {
    const AuditRecord record{++head.position, rows.Int(i, 0),  absl::ToUnixMicros(rows.Time(i, 1)),
                             rows.Text(i, 2), rows.Text(i, 3), rows.Text(i, 4),
                             rows.Text(i, 5)};
    hash = ChainHash(hash, record);
    positions.push_back(record.position);
    ids.push_back(record.id);
    xids.push_back(rows.Text(i, 6));
    hashes.push_back(hash);
  }
  head.hash = Hex(hash);
  return Params().IntArray(positions).IntArray(ids).TextArray(xids).BytesArray(hashes);
}

}  // namespace

std::string ChainStart(std::string_view schema) {
  return Sha256(Cat("haven audit chain 1: ", schema));
}

std::string ChainHash(std::string_view before, const AuditRecord& record) {
  std::string text(before);
  const auto field = [&text](std::string_view value) { text += Cat(value.size(), ":", value, ";"); };
  field(std::to_string(record.position));
  field(std::to_string(record.id));
  field(std::to_string(record.time_micros));
  field(record.actor);
  field(record.action);
  field(record.object);
  field(record.detail);
  return Sha256(text);
}

void AppendAudit(Transaction& tx, const AuditEntry& entry) {
  tx.Queue(kAuditAppend,
           Params().Time(entry.time).Text(entry.actor).Text(entry.action).Text(entry.object).Text(entry.detail));
}

class LinkerCore : public std::enable_shared_from_this<LinkerCore> {
 public:
  using Self = std::shared_ptr<LinkerCore>;
  LinkerCore(Database& database, LinkerOptions options)
      : database_(database), options_(std::move(options)), timer_(database.executor()) {}

  void Start() {
    running_ = true;
    asio::co_spawn(database_.executor(), Run(shared_from_this()), asio::detached);
  }
  void Abort() {
    stopping_ = true;
    timer_.cancel();
  }
  static async::Task<void> Stop(Self self, core::Deadline deadline);
  static async::Task<absl::StatusOr<std::int64_t>> LinkOnce(Self self, core::Deadline deadline);

 private:
  static async::Task<void> Run(Self self);
  static async::Task<void> Pass(Self self);
  void TellHead();
  void TellLate(std::int64_t late);

  Database& database_;
  const LinkerOptions options_;
  asio::steady_timer timer_;
  AuditHead head_;
  std::int64_t late_ = 0;
  core::Deadline::TimePoint next_head_{};
  bool running_ = false;
  bool stopping_ = false;
};

async::Task<absl::StatusOr<std::int64_t>> LinkerCore::LinkOnce(Self self, core::Deadline deadline) {
  auto tx = co_await self->database_.Begin(deadline);
  if (!tx.ok()) co_return tx.status();
  const auto lock = tx->Queue(kAuditLock);
  const auto head_row = tx->Queue(kAuditHead);
  const auto fresh = tx->Queue(kAuditNew);
  auto status = co_await tx->Flush();
  if (!status.ok()) co_return status;
  if (!lock.rows().Bool(0, 0)) co_return 0;  // another process is at it
  AuditHead head;
  std::string hash = ChainStart(self->database_.options().schema);
  Rows rows = fresh.rows();
  if (!head_row.rows().empty()) {
    head.position = head_row.rows().Int(0, 0);
    hash = head_row.rows().Bytes(0, 1);
    head.hash = Hex(hash);
    if (head_row.rows().Bool(0, 2)) {
      auto restored = co_await tx->Query(kAuditNewRestored);
      if (!restored.ok()) co_return restored.status();
      rows = *std::move(restored);
    }
  }
  if (!rows.empty()) {
    tx->Queue(kAuditLink, Links(rows, head, hash));
    status = co_await tx->Commit();
    if (!status.ok()) co_return status;
  }
  self->head_ = head;
  co_return rows.size();
}

async::Task<void> LinkerCore::Pass(Self self) {
  const std::string& schema = self->database_.options().schema;
  std::int64_t linked = kAuditBatch;
  while (linked == kAuditBatch && !self->stopping_) {
    const auto count = co_await LinkOnce(self, core::Deadline::After(std::chrono::seconds(10)));
    if (self->stopping_ || !count.ok()) co_return;
    linked = *count;
    if (linked > 0) self->database_.metrics().Add(metric::kAuditLinkedTotal, schema, static_cast<double>(linked));
  }
  const auto late = co_await self->database_.Query(core::Deadline::After(std::chrono::seconds(10)), kAuditLate,
                                                   Params().Int(self->options_.late_after.count()));
  if (self->stopping_ || !late.ok()) co_return;
  self->TellLate(late->Int(0, 0));
  self->TellHead();
}

void LinkerCore::TellLate(std::int64_t late) {
  if (late > late_) {
    database_.metrics().Add(metric::kAuditLateTotal, database_.options().schema, static_cast<double>(late - late_));
    database_.metrics().Note("audit_unlinked", Cat(late, " entries of ", database_.options().schema));
  }
  late_ = late;
}

void LinkerCore::TellHead() {
  const auto now = std::chrono::steady_clock::now();
  if (head_.position == 0 || now < next_head_) return;
  next_head_ = now + options_.head_every;
  if (options_.on_head) {
    options_.on_head(head_);
  } else {
    database_.metrics().Note("audit_head", Cat(database_.options().schema, " ", head_.position, " ", head_.hash));
  }
}

async::Task<void> LinkerCore::Run(Self self) {
  while (!self->stopping_) {
    co_await Pass(self);
    if (self->stopping_) break;
    self->timer_.expires_after(self->options_.interval);
    co_await self->timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  self->running_ = false;
}

async::Task<void> LinkerCore::Stop(Self self, core::Deadline deadline) {
  self->Abort();
  asio::steady_timer pause(self->timer_.get_executor());
  while (self->running_ && !deadline.Expired()) {
    pause.expires_after(std::chrono::milliseconds(2));
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

AuditLinker::AuditLinker(Database& database, LinkerOptions options)
    : core_(std::make_shared<LinkerCore>(database, std::move(options))) {}
AuditLinker::~AuditLinker() {
  core_->Abort();
}
void AuditLinker::Start() {
  core_->Start();
}
async::Task<void> AuditLinker::Stop(core::Deadline deadline) {
  return LinkerCore::Stop(core_, deadline);
}
async::Task<absl::StatusOr<std::int64_t>> AuditLinker::LinkOnce(core::Deadline deadline) {
  return LinkerCore::LinkOnce(core_, deadline);
}

}  // namespace haven::store
