#pragma once

#include <string>
#include <vector>

#include "services/routing/domain/model.h"

namespace haven::routing::testing {

// The whole live state as sorted lines, one per record, fields by single spaces, empty ones "-". Made from the model
// here and from Redis by dump.lua: equal states have equal lines.
//   C contact sequence epoch place lane channel queue conversation enqueued score left offer-time agent reservation
//     offer-deadline preferred until if-away holds relax wrap-up-agent wrap-up-epoch
//   A agent revision removed profile capacity slots connections present routable activity activity-version since idle
//   version L lane revision queue channel offer-time profiles W lane contact score      I agent:channel contact score
//   F profile:channel agent order      D item due
std::vector<std::string> Snapshot(const Model& model);

// One line of an event, as the stream's fields in their order: "k offered t 12 c ...".
std::string EventLine(const Model::Event& event);

}  // namespace haven::routing::testing
