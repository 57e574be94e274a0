#pragma once

#include <vector>

#include "haven/events/v1/events.pb.h"
#include "libs/store/database.h"

namespace haven::channels {

// Writes events in the transaction of the change that they tell of; they reach the hub's stream after its commit, at
// least once, with the id fixed here.
class EventLog {
 public:
  virtual ~EventLog() = default;
  // Fills in id and time. Ids only: no text, name or token may be in an event.
  virtual void Append(store::Transaction& tx, std::vector<events::v1::Event> events) = 0;
};

}  // namespace haven::channels
