#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/channels/store/turn.h"

// What flows and routing hand over, each applied once and in order (libs/store/inbox.h). A repeat has no effect and the
// first answer; a gap is ABORTED.
namespace haven::channels {

struct Arrival {
  std::string caller;
  std::string aggregate;
  std::int64_t sequence = 0;
  std::int64_t previous = 0;
};

struct FlowSay {
  std::string text;
  std::vector<Choice> choices;
};

struct FlowStep {
  Arrival arrival;
  ContactId contact;
  std::int64_t epoch = 0;
  std::vector<FlowSay> says;
  std::string language;  // empty: not learnt
  std::string subject;
  bool end = false;
  std::int64_t handled_through = 0;
};
// FAILED_PRECONDITION if the contact has moved on (a higher epoch); a step for an ended contact is taken and does
// nothing.
async::Task<absl::Status> ApplyFlowStep(Context context, core::Deadline deadline, FlowStep step);

struct OwnerChange {
  Arrival arrival;
  ContactId contact;
  Owner owner;
  std::string agent_name;
  std::string public_name;
};
async::Task<absl::Status> ApplyOwner(Context context, core::Deadline deadline, OwnerChange change);

struct Closing {
  Arrival arrival;
  ContactId contact;
  std::int64_t epoch = 0;
  std::int64_t handled_through = 0;
  EndReason reason = EndReason::kCompleted;
  UserId agent;
};
struct ClosingResult {
  bool closed = false;
  std::int64_t newest_sequence = 0;  // when not closed
};
async::Task<absl::StatusOr<ClosingResult>> CloseContact(Context context, core::Deadline deadline, Closing closing);

struct WrapUp {
  Arrival arrival;
  ContactId contact;
  UserId agent;
  std::string agent_name;
  std::string disposition;
  std::string note;  // clean
};
async::Task<absl::Status> RecordWrapUp(Context context, core::Deadline deadline, WrapUp wrap_up);

}  // namespace haven::channels
