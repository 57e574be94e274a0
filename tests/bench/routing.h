#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/bench/hub.h"

namespace haven::bench {

// Where seeded contacts of each part of the run begin.
constexpr long kEngineFirst = 0, kGrpcFirst = 60'000, kOpenLoopFirst = 65'000;

struct Offered {
  std::string agent, reservation, contact;
};

// Offers as they are made, from the hub's stream of events: cheaper than a feed an agent, so that what is measured is
// the engine. Made and destroyed off the loop.
class Offers {
 public:
  // Both are called on the loop; `on_end` with the contact that has ended, may be empty.
  Offers(Hub& hub, std::function<void(Offered)> on_offer, std::function<void(const std::string&)> on_end = {});
  ~Offers();

 private:
  Hub& hub_;
  std::unique_ptr<events::Fanout> fanout_;
  std::unique_ptr<events::Fanout::Subscription> subscription_;
};

// Lives a second.
double MeasureEngine(Hub& hub);
void MeasureGrpc(Hub& hub);
void MeasureOpenLoop(Hub& hub, double per_second);

}  // namespace haven::bench
