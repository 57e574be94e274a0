#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/ivr/domain/flow.h"

// The flow engine: pure. What happened and what is known go in, what to say and do comes out; no I/O, no clock, no ids.
namespace haven::ivr {

enum class SessionState { kRunning = 1, kHandedOver = 2, kEnded = 3 };

// A flow in progress with one contact. Holds no text of a person.
struct Session {
  std::string flow;
  int flow_version = 0;
  SessionState state = SessionState::kRunning;
  std::string node;  // the question that waits for an answer
  int misses = 0;    // answers to it that were not understood
  std::map<std::string, std::string> variables;

  friend bool operator==(const Session&, const Session&) = default;
};

struct Subject {
  std::string key;
  std::map<std::string, std::string> titles;  // by language
  std::string queue;
};

// What the hub's configuration and channels know, prepared by the caller.
struct Facts {
  std::string hub_name;
  std::vector<std::string> languages;  // of the hub, preferred first
  std::vector<Subject> subjects;
  std::string default_queue;
  bool open = true;
  absl::CivilMinute now;                   // by the hub's zone
  std::optional<absl::CivilMinute> opens;  // when closed, if known

  std::string page_language;    // of the page the person wrote from; a hint
  std::string person_language;  // chosen earlier; empty if unknown
  bool returning = false;
  std::string last_subject;  // of a recent contact; empty if none
  std::string last_agent;    // who completed it
};

struct Event {
  bool start = false;  // the contact has just been opened
  std::string text;
  std::string choice_id;
};

struct SaidChoice {
  std::string id;
  std::string title;

  friend bool operator==(const SaidChoice&, const SaidChoice&) = default;
};

struct Said {
  std::string text;
  std::vector<SaidChoice> choices;  // at most 10
};

struct HandOver {
  std::string queue;
  std::string language;
  std::string preferred_agent;
};

// What a step decided.
struct Outcome {
  std::vector<Said> says;
  std::optional<std::string> language;  // learnt in this step
  std::optional<std::string> subject;   // learnt in this step
  std::optional<HandOver> hand_over;
  bool end = false;
  // Why the flow could not go on; the contact is handed over then. Names nodes of the flow, never texts.
  std::string failure;
};

// A new session of `flow`.
Session Begin(const Flow& flow);

// Takes one event. A session that was handed over decides nothing; one that has ended begins again with the event. A
// flow that cannot go on (an unknown node after an upgrade, more than 64 nodes in one step) hands the contact over to
// the default queue with an apology: nobody is left with a broken flow.
Outcome Step(const Flow& flow, const Facts& facts, const Event& event, Session* session);

}  // namespace haven::ivr
