#pragma once

#include "libs/telemetry/metrics.h"

namespace haven::channels {

struct Metrics {
  explicit Metrics(telemetry::Metrics& m)
      : messages(m.AddCounter("haven_channels_messages_total", "Messages committed, by author.", {"author"})),
        chats_started(m.AddCounter("haven_channels_chats_started_total", "Chats started.")),
        starts_refused(m.AddCounter("haven_channels_chat_starts_refused_total",
                                    "Chats refused by a limit: source (one address) or hub (all together).",
                                    {"limit"})),
        contacts_ended(m.AddCounter("haven_channels_contacts_ended_total", "Contacts ended, by reason.", {"reason"})),
        closings_held(m.AddCounter("haven_channels_closings_held_total",
                                   "Contacts that stayed open because a message came before the closing.")),
        replies_refused(
            m.AddCounter("haven_channels_replies_refused_total", "Agents' replies refused, by reason.", {"reason"})),
        ledger_lookups(
            m.AddCounter("haven_channels_ledger_lookups_total", "Replies whose epoch had to be looked up in routing.")),
        fallbacks(m.AddCounter("haven_channels_fallbacks_total",
                               "Hand-offs refused for good that took their fall-back, by kind. An alarm.", {"kind"})),
        streams(m.AddGauge("haven_channels_streams", "Open streams of chat pages.")),
        streams_evicted(m.AddCounter("haven_channels_streams_evicted_total",
                                     "Streams ended because a newer one of the same chat came.")),
        events_held(
            m.AddGauge("haven_channels_events_held", "Committed events not yet on the hub's stream, in memory.")) {}

  telemetry::CounterFamily messages;
  telemetry::Counter chats_started;
  telemetry::CounterFamily starts_refused;
  telemetry::CounterFamily contacts_ended;
  telemetry::Counter closings_held;
  telemetry::CounterFamily replies_refused;
  telemetry::Counter ledger_lookups;
  telemetry::CounterFamily fallbacks;
  telemetry::Gauge streams;
  telemetry::Counter streams_evicted;
  telemetry::Gauge events_held;
};

}  // namespace haven::channels
