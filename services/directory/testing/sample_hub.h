#pragma once

#include "haven/directory/v1/hub.pb.h"

namespace haven::directory::testing {

// A small valid hub without warnings: hours "day", skill "legal", queues "general" and "legal", subject "legal", team
// "first", users "amal" (agent) and "rami" (administrator and supervisor), channel "site", disposition "solved".
v1::HubSpec SampleHub();

// SampleHub with `count` more agents, each with ten skills of forty.
v1::HubSpec BigHub(int count);

}  // namespace haven::directory::testing
