#!/usr/bin/env bash
# deploy/lib/steps.sh and the counting of tests/lib/stages.sh.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$ROOT/deploy/lib/common.sh"
. "$ROOT/deploy/lib/steps.sh"
. "$ROOT/tests/lib/stages.sh"
. "$ROOT/tests/lib/cases.sh"

succeeds() { echo quiet; }
fails() {
  echo "file.cc:3: error: no such thing"
  return 3
}
hangs() {
  sleep 4321 &
  echo $! >"$SCRATCH/child"
  wait
}

test_a_step_shows_its_number_and_hides_its_output() {
  steps_begin 8
  step "Doing" 60 "$SCRATCH/log" succeeds >"$SCRATCH/out"
  check_contains "$(cat "$SCRATCH/out")" "[1/8] Doing"
  check_lacks "$(cat "$SCRATCH/out")" quiet
  check_contains "$(cat "$SCRATCH/log")" quiet
}

test_progress_is_the_last_line_of_ninja() {
  printf '@@ 1 630  one\n@@ 412 630  two\nwarning: x\n' >"$SCRATCH/log"
  check_equal "$(step_progress "$SCRATCH/log")" "412 of 630"
  : >"$SCRATCH/log"
  check_equal "$(step_progress "$SCRATCH/log")" ""
}

test_a_failed_step_gives_its_code_and_shows_its_log() {
  local rc=0
  steps_begin 1
  step "Doing" 60 "$SCRATCH/log" fails >"$SCRATCH/out" || rc=$?
  check_equal "$rc" 3
  check_contains "$(cat "$SCRATCH/out")" "FAILED"
  check_contains "$(cat "$SCRATCH/out")" "error: no such thing"
}

test_a_step_beyond_its_limit_is_ended_with_its_children() {
  local rc=0
  steps_begin 1
  step "Doing" 1 "$SCRATCH/log" hangs >"$SCRATCH/out" || rc=$?
  check_equal "$rc" 124
  check_not kill -0 "$(cat "$SCRATCH/child")" 2>/dev/null
}

# In a shell of its own: bash closes the input of what a subshell starts by itself.
test_a_step_has_no_input() {
  bash -c '. "$1/deploy/lib/common.sh"; . "$1/deploy/lib/steps.sh"; step Doing 60 "$2" readlink /proc/self/fd/0' - "$ROOT" "$SCRATCH/log" <"$0" >"$SCRATCH/out"
  check_equal "$(cat "$SCRATCH/log")" /dev/null
}

counted() { # STAGE-BODY: the summary's last line and exit code
  local rc=0
  RESULTS=$SCRATCH/results
  mkdir -p "$RESULTS"
  steps_begin 1
  run_stage one 1 1 "$1" >/dev/null || true
  summary >"$SCRATCH/summary" || rc=$?
  say "$(tail -n 1 "$SCRATCH/summary"), exit $rc"
}

two_pass() { record "$1" pass a && record "$1" pass "b: with words" && record "$1" skip c; }
one_of_two_fails() { record "$1" pass a && record "$1" fail b; }
fails_unnamed() { return 7; }
nothing() { :; }

test_cases_are_counted() { check_equal "$(counted two_pass)" "2 passed, 0 failed, exit 0"; }
test_a_failed_case_fails_the_run() { check_equal "$(counted one_of_two_fails)" "1 passed, 1 failed, exit 1"; }
test_a_stage_that_fails_without_a_case_is_one_failure() { check_equal "$(counted fails_unnamed)" "0 passed, 1 failed, exit 1"; }
test_a_run_without_a_test_fails() { check_equal "$(counted nothing)" "0 passed, 0 failed, exit 1"; }

run_cases
