#include "services/channels/config.h"

namespace haven::channels {

void Config::Bind(core::ConfigSection& s) {
  s.Seconds("token_life_seconds", &token_life, {3600, 366.0 * 24 * 3600},
            "A visitor's capability token ends this long after its last use.");
  s.Seconds("token_grace_seconds", &token_grace, {10, 3600},
            "A token that was renewed still opens its chat for this long.");
  s.Text("token_key_file", &token_key_file,
         "File with the key that visitors' tokens are derived from, mode 0600; the same in every process of the hub. "
         "Empty: "
         "secrets/visitor-tokens.key in the data folder, made at the first start.");
  s.Int("starts_per_source", &starts_per_source, {1, 100000},
        "Chats that one source address may start at once and then per starts_period_seconds.");
  s.Seconds("starts_period_seconds", &starts_period, {1, 86400}, "See starts_per_source.");
  s.Int("starts_per_second", &starts_per_second, {1, 100000},
        "Chats that all sources together may start per second, with five seconds' worth at once.");
  s.Int("streams_per_visitor", &streams_per_visitor, {1, 16},
        "Open streams of one chat; the oldest ends when one more comes.");
  s.Int("streams_total", &streams_total, {10, 1000000}, "Open streams of all chats in this process.");
  s.Seconds("stream_life_seconds", &stream_life, {10, 86400}, "A chat's stream ends after this; the page resumes.");
  s.Seconds("heartbeat_seconds", &heartbeat, {1, 300}, "Sign of life on an idle chat's stream.");
  s.Seconds(
      "remember_agent_seconds", &remember_agent, {0, 366.0 * 24 * 3600},
      "Who comes back within this time is offered first to the agent who last helped, where the queue asks for it.");
  s.Seconds("remember_subject_seconds", &remember_subject, {0, 366.0 * 24 * 3600},
            "Who comes back within this time is not asked for the subject again.");
  s.Int("max_attempts", &max_attempts, {1, 100},
        "A hand-off that fails so often through a mistake of the callee takes its fall-back: a flow's contact goes to "
        "the default "
        "queue.");
}

}  // namespace haven::channels
