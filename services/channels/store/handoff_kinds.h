#pragma once

// Kinds of hand-offs that channels sends; stored in outbox rows, so they never change. The payload of each is the
// request of the call without its hand-off.
namespace haven::channels::handoff {

inline constexpr char kStep[] = "ivr.step";               // haven.internal.ivr.v1.StepRequest
inline constexpr char kEnqueue[] = "routing.enqueue";     // haven.internal.routing.v1.EnqueueRequest
inline constexpr char kMarkLeft[] = "routing.mark_left";  // haven.internal.routing.v1.MarkLeftRequest

inline constexpr char kIvr[] = "ivr";
inline constexpr char kRouting[] = "routing";

}  // namespace haven::channels::handoff
