#pragma once

#include <string_view>

namespace haven::store {

// Where libs/store reports figures and notable events. Implemented by libs/telemetry; the default drops everything.
// Called on the loop; must not block. `label` has few distinct values (a statement's name, a kind, a cause).
class StoreMetrics {
 public:
  virtual ~StoreMetrics() = default;
  virtual void Add(std::string_view counter, std::string_view label, double by) = 0;
  virtual void Observe(std::string_view histogram, std::string_view label, double value) = 0;
  virtual void Set(std::string_view gauge, std::string_view label, double value) = 0;
  // One line for the log: `event` in snake case, `detail` free of personal data and SQL values.
  virtual void Note(std::string_view event, std::string_view detail) = 0;
};

StoreMetrics& NoMetrics();

// Names used, in one place for the golden list. Seconds for histograms.
namespace metric {
inline constexpr std::string_view kStatementSeconds = "haven_store_statement_seconds";           // label: statement
inline constexpr std::string_view kFlushSeconds = "haven_store_flush_seconds";                   // label: flush, commit
inline constexpr std::string_view kErrorsTotal = "haven_store_errors_total";                     // label: SQLSTATE
inline constexpr std::string_view kRejectedTotal = "haven_store_rejected_total";                 // label: full, away
inline constexpr std::string_view kConnections = "haven_store_connections";                      // label: schema
inline constexpr std::string_view kConnectionsLostTotal = "haven_store_connections_lost_total";  // label: schema
inline constexpr std::string_view kConnectFailuresTotal = "haven_store_connect_failures_total";  // label: schema
inline constexpr std::string_view kWaiting = "haven_store_waiting";                              // label: schema
inline constexpr std::string_view kCancelsTotal = "haven_store_cancels_total";                   // label: cancel, close
inline constexpr std::string_view kHandoffsTotal = "haven_store_handoffs_total";                 // label: kind
inline constexpr std::string_view kHandoffSeconds =
    "haven_store_handoff_seconds";  // label: kind; commit to callee's OK
inline constexpr std::string_view kHandoffRetriesTotal = "haven_store_handoff_retries_total";  // label: kind
inline constexpr std::string_view kHandoffRefusedTotal = "haven_store_handoff_refused_total";  // label: kind
inline constexpr std::string_view kOutboxRows = "haven_store_outbox_rows";                     // label: schema
inline constexpr std::string_view kOutboxOldestSeconds = "haven_store_outbox_oldest_seconds";  // label: schema
inline constexpr std::string_view kAuditLinkedTotal = "haven_store_audit_linked_total";        // label: schema
inline constexpr std::string_view kAuditLateTotal = "haven_store_audit_late_total";  // label: schema; unlinked for 10 s
}  // namespace metric

}  // namespace haven::store
