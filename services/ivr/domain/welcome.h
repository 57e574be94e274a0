#pragma once

#include "services/ivr/domain/flow.h"

namespace haven::ivr {

// The flow that comes with Haven, key "welcome": greets, asks language and subject, lets the person tell what happened,
// says honestly when somebody will answer, and hands over. It never ends by itself. Lives for the process.
const Flow& WelcomeFlow();

// By key; null if there is none.
const Flow* FindFlow(const std::string& key);

}  // namespace haven::ivr
