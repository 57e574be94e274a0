#pragma once

#include "libs/telemetry/metrics.h"

namespace haven::ivr {

struct Metrics {
  explicit Metrics(telemetry::Metrics& m)
      : steps(m.AddCounter(
            "haven_ivr_steps_total",
            "Steps of flows, by outcome: waiting, handed_over, ended, failed (handed over with an apology; an "
            "alarm), ignored (nothing to do).",
            {"outcome"})),
        handoffs_refused(m.AddCounter("haven_ivr_handoffs_refused_total",
                                      "Hand-offs refused for good, by kind. An alarm.", {"kind"})) {}

  telemetry::CounterFamily steps;
  telemetry::CounterFamily handoffs_refused;
};

}  // namespace haven::ivr
