#pragma once

// Private to libs/store: what a Transaction holds.

#include <memory>
#include <vector>

#include "libs/store/pool.h"

namespace haven::store {

class TransactionState : public std::enable_shared_from_this<TransactionState> {
 public:
  TransactionState(std::shared_ptr<DatabaseCore> core, std::shared_ptr<Connection> connection, core::Deadline deadline,
                   Isolation isolation);

  Pending Queue(const Statement& statement, Params params);
  static async::Task<absl::Status> Flush(std::shared_ptr<TransactionState> self);
  static async::Task<absl::Status> Commit(std::shared_ptr<TransactionState> self);
  void OnCommit(std::function<void()> hook) { hooks_.push_back(std::move(hook)); }
  // The Transaction is gone: rolls back what is not committed, gives the connection back.
  void Leave();
  core::Deadline deadline() const { return deadline_; }

 private:
  std::shared_ptr<Batch> TakeQueued();
  static async::Task<absl::Status> Run(std::shared_ptr<TransactionState> self, std::shared_ptr<Batch> batch);
  void OnCommitEnded(const absl::Status& status);
  void Release();

  std::shared_ptr<DatabaseCore> core_;
  std::shared_ptr<Connection> connection_;  // null once given back
  core::Deadline deadline_;
  Isolation isolation_;
  std::vector<Batch::Item> queued_;
  std::vector<std::function<void()>> hooks_;
  absl::Status dead_;  // the error that ended it
  bool begun_ = false;
  bool committing_ = false;
  bool left_ = false;
  bool ended_ = false;  // committed, or its commit has failed
};

}  // namespace haven::store
