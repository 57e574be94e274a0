#!/usr/bin/env bash
# deploy/lib/layout.sh: names, ports, the configuration's two-level keys.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$ROOT/deploy/lib/common.sh"
. "$ROOT/deploy/lib/layout.sh"
. "$ROOT/tests/lib/cases.sh"

test_a_hub_name_that_is_no_name_is_refused() {
  local name
  for name in "" Demo 1a "a b" "a/b" "-x" "$(printf 'a%.0s' {1..32})"; do
    check_not eval '(hub_layout "$name" "" 2>/dev/null)'
  done
  check eval '(hub_layout lb-south "")'
}

test_a_path_too_long_for_sockets_is_refused() {
  check_not eval '(hub_layout demo "/tmp/$(printf "a%.0s" {1..90})" 2>/dev/null)'
}

test_somebody_elses_folder_is_refused() {
  echo precious >"$SCRATCH/file"
  hub_layout demo "$SCRATCH"
  check_not eval '(hub_folder_check 2>/dev/null)'
}

test_another_hubs_folder_is_refused() {
  echo other >"$SCRATCH/.haven-hub"
  hub_layout demo "$SCRATCH"
  check_not eval '(hub_folder_check 2>/dev/null)'
}

sample() {
  hub_layout demo "$SCRATCH"
  RUN_AS=$(id -un)
  printf '# a\ndesk:\n  port: 8080  # people\n  name: "x y"\ngrpc:\n  port: 9080\n' >"$DATA/haven.yaml"
}

test_yaml_get_reads_the_right_section() {
  sample
  check_equal "$(yaml_get desk port)" 8080
  check_equal "$(yaml_get grpc port)" 9080
  check_equal "$(yaml_get desk name)" "x y"
  check_equal "$(yaml_get admin port)" ""
}

test_yaml_set_changes_one_line() {
  sample
  owned() { chmod "$2" "$1"; }
  yaml_set grpc port 9090
  check_equal "$(cat "$DATA/haven.yaml")" "$(printf '# a\ndesk:\n  port: 8080  # people\n  name: "x y"\ngrpc:\n  port: 9090\n')"
}

test_a_taken_port_is_seen_and_passed_over() {
  local port server
  port=$(free_port 21000)
  # Holds the port until its standard input ends.
  node -e 'require("net").createServer().listen(Number(process.argv[1]), "127.0.0.1", () => console.log("up")); process.stdin.on("end", () => process.exit()).resume()' \
    "$port" < <(sleep 60) >"$SCRATCH/out" &
  server=$!
  until [ -s "$SCRATCH/out" ]; do kill -0 "$server"; done
  check port_busy "$port"
  check_equal "$(free_port "$port")" "$((port + 1))"
  check_equal "$(free_port "$port" $((port + 1)))" "$((port + 2))"
  kill "$server"
}

test_secrets_differ_and_stay() {
  hub_layout demo "$SCRATCH"
  RUN_AS=$(id -un)
  owned() { chmod "$2" "$1"; }
  mkdir "$DATA/secrets"
  first=$(secret one)
  check_equal "${#first}" 32
  check_equal "$(secret one)" "$first"
  check_not test "$(secret two)" = "$first"
  check_equal "$(stat -c %a "$DATA/secrets/one")" 600
}

run_cases
