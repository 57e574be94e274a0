#pragma once

#include "libs/telemetry/metrics.h"

namespace haven::directory {

struct Metrics {
  explicit Metrics(telemetry::Metrics& m)
      : sign_ins(m.AddCounter("haven_directory_sign_ins_total",
                              "Attempts to sign in: ok, refused (name or password), throttled, overloaded, failed.",
                              {"outcome"})),
        hash_seconds(m.AddHistogram("haven_directory_hash_seconds",
                                    "Time to check or make a password hash, waiting included.",
                                    telemetry::LatencyBuckets())),
        tokens(m.AddCounter("haven_directory_tokens_total", "Tokens asked for, by kind of credential and outcome.",
                            {"kind", "outcome"})),
        applies(m.AddCounter("haven_directory_applies_total",
                             "Configurations applied: changed, unchanged, checked (dry run), refused, failed.",
                             {"outcome"})),
        version(m.AddGauge("haven_directory_configuration_version_count", "Version of the configuration in force.")),
        users(m.AddGauge("haven_directory_users_count", "Users who may sign in.")),
        sessions_ended(m.AddCounter("haven_directory_sessions_revoked_total",
                                    "Times that sessions were ended, by cause: signed_out, revoked.", {"cause"})) {}

  telemetry::CounterFamily sign_ins;
  telemetry::Histogram hash_seconds;
  telemetry::CounterFamily tokens;
  telemetry::CounterFamily applies;
  telemetry::Gauge version;
  telemetry::Gauge users;
  telemetry::CounterFamily sessions_ended;
};

}  // namespace haven::directory
