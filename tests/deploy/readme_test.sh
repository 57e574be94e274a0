#!/usr/bin/env bash
# The README's commands, run as they stand there against a hub made by deploy/up.
# shellcheck disable=SC2119  # hub_up takes the options of deploy/up, none here
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$ROOT/deploy/lib/common.sh"
. "$ROOT/deploy/lib/layout.sh"
. "$ROOT/deploy/lib/config.sh"
. "$ROOT/tests/lib/cases.sh"
. "$ROOT/tests/lib/hub.sh"

clean_case() { hubs_erase; }

# readme_block N: the N-th block of shell commands, for the hub under test.
readme_block() {
  awk -v wanted="$1" '/^```sh$/ { n++; inside = (n == wanted); next } /^```$/ { inside = 0 } inside' "$ROOT/README.md" |
    sed -e "s#/var/lib/haven/demo#$TEST_DATA#" -e "s#localhost:8080#localhost:$(hub_setting desk port)#" \
      -e "s#localhost:8081#localhost:$(hub_setting desk chat_port)#" \
      -e "s#\$haven call#\$haven call --address=localhost:$(hub_setting grpc port)#"
}

hub_setting() { DATA=$TEST_DATA yaml_get "$1" "$2"; }

test_a_contact_by_grpc_and_curl() {
  local block
  hub_new
  hub_up
  cd "$SCRATCH"
  for block in 1 2 3 4; do readme_block "$block"; done >blocks.sh
  check_contains "$(cat blocks.sh)" AcceptReservation
  # The blocks wait for what must come; this is their bound.
  timeout 60 bash -eu blocks.sh >answers.txt 2>errors.txt || fail "the README's blocks ended with $?: $(tail -n 3 errors.txt)"
  check_contains "$(tail -n 1 answers.txt)" "Is there a doctor near Tripoli?"
  check_contains "$(tail -n 1 answers.txt)" "Yes, the clinic in Mina is open until six."
  # The outcome travels by hand-off.
  until_true 10 eval '[ "$(hub_sql "select disposition from channels.contact")" = informed ]'
  check_equal "$(hub_sql 'select count(*) from routing.ledger where state = 4')" 1
}

run_cases
