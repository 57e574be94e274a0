#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/bench.h"

struct redisContext;

namespace haven::bench {

// Records what the hub asks of the engine's scripts: from a snapshot of its Redis on, every EVALSHA with its arguments.
class Recorder {
 public:
  // Takes the snapshot; the hub may be at work.
  explicit Recorder(const Stage& stage);
  ~Recorder();
  // Ends the recording.
  void Stop();

  // Replays it on a second server that begins with the snapshot, by a bare client that sends the next call when one is
  // answered, 64 under way. Answers the seconds it took and the server's CPU seconds.
  struct Replayed {
    double seconds = 0, cpu = 0;
    long calls = 0, refused = 0;
  };
  Replayed Replay();

 private:
  void Read();

  Stage stage_;
  redisContext* monitor_ = nullptr;
  std::atomic<bool> stopped_{false};
  std::thread reader_;
  std::vector<std::string> lines_;
};

}  // namespace haven::bench
