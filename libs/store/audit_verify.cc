#include <cstdlib>

#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"
#include "libs/store/audit.h"
#include "libs/store/audit_chain.h"
#include "libs/store/pg.h"
#include "libs/store/text.h"

namespace haven::store {
namespace {

constexpr int kPage = 10000;

absl::Status Broken(std::int64_t position, std::string_view why) {
  return core::MakeError(absl::StatusCode::kDataLoss, errors::v1::REASON_BUG,
                         Cat("the audit chain does not hold at position ", position, ": ", why),
                         {{"position", std::to_string(position)}});
}

std::string PageSql(std::string_view schema) {
  return Cat(
      "SELECT c.position, c.audit_id, encode(c.hash, 'hex'), a.id IS NOT NULL,"
      " (extract(epoch FROM a.time) * 1000000)::int8, a.actor, a.action, a.object, a.detail FROM ",
      schema, ".audit_chain c LEFT JOIN ", schema,
      ".audit a ON a.id = c.audit_id WHERE c.position > $1::int8 ORDER BY c.position LIMIT ", kPage);
}

// Entries not in the chain; and how many of them lie before its head, where none can have been committed late.
std::string UnlinkedSql(std::string_view schema) {
  return Cat("WITH head AS (SELECT xid, audit_id FROM ", schema,
             ".audit_chain ORDER BY position DESC LIMIT 1) SELECT count(*), count(*) FILTER (WHERE (a.xid, a.id) <"
             " (SELECT xid, audit_id FROM head)) FROM ",
             schema, ".audit a WHERE NOT EXISTS (SELECT FROM ", schema, ".audit_chain c WHERE c.audit_id = a.id)");
}

class Verifier {
 public:
  Verifier(std::string_view schema, const std::optional<AuditHead>& expected)
      : hash_(ChainStart(schema)), expected_(expected) {}

  // One row of PageSql.
  absl::Status Check(const PGresult* page, int row) {
    const auto text = [&](int column) { return std::string(PQgetvalue(page, row, column)); };
    const auto number = [&](int column) { return std::strtoll(PQgetvalue(page, row, column), nullptr, 10); };
    const std::int64_t position = head_.position + 1;
    if (number(0) != position) return Broken(position, "the link is missing");
    if (text(3) != "t") return Broken(position, "the entry is missing");
    hash_ = ChainHash(hash_, {position, number(1), number(4), text(5), text(6), text(7), text(8)});
    head_ = {position, Hex(hash_)};
    if (text(2) != head_.hash) return Broken(position, "entry or link was changed");
    if (expected_ && expected_->position == position && expected_->hash != head_.hash) {
      return Broken(position, "the head from the log is another");
    }
    return absl::OkStatus();
  }

  absl::Status End() const {
    if (!expected_ || expected_->position <= head_.position) return absl::OkStatus();
    return Broken(head_.position + 1, "the chain ends before the head from the log");
  }

  const AuditHead& head() const { return head_; }

 private:
  std::string hash_;
  AuditHead head_;
  std::optional<AuditHead> expected_;
};

}  // namespace

absl::StatusOr<AuditReport> VerifyAudit(const std::string& dsn, std::string_view schema,
                                        const std::optional<AuditHead>& expected) {
  if (!IsPlainName(schema)) return core::InvalidField("schema", "is no name of a schema");
  const auto connection = OpenPlain(dsn, std::chrono::seconds(10));
  if (!connection.ok()) return connection.status();
  PGconn* pg = connection->get();
  // One snapshot for all: the linker goes on meanwhile.
  auto result = Exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL timezone = 'UTC'");
  if (!result.ok()) return result.status();
  Verifier verifier(schema, expected);
  while (true) {
    result = Exec(pg, PageSql(schema), {std::to_string(verifier.head().position)});
    if (!result.ok()) return result.status();
    for (int i = 0; i < PQntuples(result->get()); ++i) {
      if (const auto status = verifier.Check(result->get(), i); !status.ok()) return status;
    }
    if (PQntuples(result->get()) < kPage) break;
  }
  if (const auto status = verifier.End(); !status.ok()) return status;
  result = Exec(pg, UnlinkedSql(schema));
  if (!result.ok()) return result.status();
  const AuditReport report{verifier.head(), std::strtoll(PQgetvalue(result->get(), 0, 0), nullptr, 10)};
  if (std::string_view(PQgetvalue(result->get(), 0, 1)) != "0") {
    return Broken(report.head.position, "an entry was slipped in before it");
  }
  return report;
}

}  // namespace haven::store
