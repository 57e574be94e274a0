#!/usr/bin/env bash
# deploy/up and deploy/down on a real hub: what it makes, keeps, leaves alone and survives.
# shellcheck disable=SC2119  # hub_up takes deploy/up's options, mostly none
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$ROOT/deploy/lib/common.sh"
. "$ROOT/deploy/lib/layout.sh"
. "$ROOT/tests/lib/cases.sh"
. "$ROOT/tests/lib/hub.sh"

clean_case() { hubs_erase; }

health() { run_as "$(stat -c %U "$TEST_DATA/postgres")" "$TEST_DATA/program/haven" health --config="$TEST_DATA/haven.yaml"; }

# Everything a second run could change, one line per file.
state_of_hub() {
  local name
  (cd "$TEST_DATA" && sha256sum haven.yaml secrets/* redis/*.conf redis/*.acl postgres/*.conf program/haven && stat -c '%n %a %U %Y' . secrets program)
  for name in supervise postgres redis haven; do hub_pid "$name"; done
}

test_first_run_makes_a_closed_folder_and_no_root_process() {
  local file user
  hub_new
  hub_up
  check_contains "$(cat "$SCRATCH/up.txt")" "[8/8]"
  check_contains "$(cat "$SCRATCH/up.txt")" "$TEST_DATA"
  check_equal "$(find "$TEST_DATA" -perm /007 -not -path "$TEST_DATA/program*" -not -type l -not -name .haven-hub)" "" "open to others"
  while read -r file; do check_equal "$(stat -c %a "$file")" 600 "$file"; done < <(find "$TEST_DATA/secrets" -type f; echo "$TEST_DATA/haven.yaml")
  user=$(stat -c %U "$TEST_DATA/postgres")
  check_not test "$user" = root
  for file in supervise postgres redis haven; do check_equal "$(stat -c %U "/proc/$(hub_pid "$file")")" "$user" "user of $file"; done
  check_equal "$(hub_sql 'show fsync')" on
  check_equal "$(hub_sql 'show data_checksums')" on
  check_equal "$(hub_sql 'show listen_addresses')" ""
  check_contains "$(hub_redis flushall 2>&1)" "NOPERM"
  check_contains "$(hub_redis config get dir 2>&1)" "NOPERM"
  check_contains "$(hub_redis set another-key 1 2>&1)" "NOPERM"
}

test_second_run_is_quick_and_changes_nothing() {
  local before began took
  hub_new
  hub_up
  before=$(state_of_hub)
  began=$(date +%s%N)
  hub_up
  took=$((($(date +%s%N) - began) / 1000000))
  say "   second run: $took ms"
  check_equal "$(state_of_hub)" "$before"
  check test "$took" -lt 3000
  # Sign-ins are shown once.
  check_lacks "$(cat "$SCRATCH/up.txt")" "password"
}

test_down_and_up_keep_the_data() {
  hub_new
  hub_up
  hub_sql 'create table public.kept (a int); insert into public.kept values (42)'
  hub_redis set "haven:{$TEST_HUB}:kept" 43
  hub_down
  check_equal "$(grep -lsF "$TEST_DATA/" /proc/[0-9]*/cmdline || true)" "" "still running"
  hub_up
  check_equal "$(hub_sql 'select a from public.kept')" 42
  check_equal "$(hub_redis get "haven:{$TEST_HUB}:kept")" 43
}

test_what_is_killed_comes_back() {
  local name pid
  hub_new
  hub_up
  for name in redis haven postgres; do
    pid=$(hub_pid "$name")
    kill -KILL "$pid"
    until_true 30 eval '[ "$(hub_pid '"$name"')" != '"$pid"' ]'
    until_true 60 health
  done
}

test_up_takes_over_from_a_killed_supervisor() {
  local old
  hub_new
  hub_up
  old=$(hub_pid haven)
  kill -KILL "$(hub_pid supervise)"
  check kill -0 "$old"
  hub_up
  until_true 30 eval '[ ! -e /proc/'"$old"' ]'
  until_true 60 health
}

test_a_taken_port_is_passed_over_and_said() {
  local taken
  hub_new
  hub_up
  taken=$(yaml_port "$TEST_DATA")
  hub_new
  hub_up
  check_contains "$(cat "$SCRATCH/up.txt")" "is taken by another program: desk.port is now $(yaml_port "$TEST_DATA")"
  check_not test "$(yaml_port "$TEST_DATA")" = "$taken"
}

yaml_port() { (DATA=$1 yaml_get desk port); }

test_a_port_that_was_asked_for_and_is_taken_is_refused() {
  local taken
  hub_new
  hub_up
  taken=$(yaml_port "$TEST_DATA")
  hub_new
  check_not hub_up --port "$taken" 2>/dev/null
  check_contains "$(cat "$SCRATCH/up.txt")" "port $taken is taken"
}

test_erase_removes_everything_and_asks_first() {
  hub_new
  hub_up
  check_not hub_down --erase
  check test -d "$TEST_DATA"
  hub_down --erase --yes
  check_not test -e "$TEST_DATA"
}

test_a_folder_of_somebody_else_is_not_erased() {
  hub_new
  mkdir "$TEST_DATA"
  echo precious >"$TEST_DATA/file"
  hub_down --erase --yes
  check test -e "$TEST_DATA/file"
  rm -rf "$TEST_DATA"
}

run_cases
