# shellcheck shell=bash
# A hub for a test, started by deploy/up itself from what build/release holds. Sourced after tests/lib/cases.sh.
# The folder is directly below /tmp, so that the user haven may enter it.

hub_up() { # OPTIONS...: output in $SCRATCH/up.txt
  "$ROOT/deploy/up" --no-build --hub "$TEST_HUB" --data "$TEST_DATA" "$@" </dev/null >"$SCRATCH/up.txt" 2>&1 || {
    cat "$SCRATCH/up.txt" >&2
    return 1
  }
}

hub_down() { "$ROOT/deploy/down" --hub "$TEST_HUB" --data "$TEST_DATA" "$@" </dev/null >"$SCRATCH/down.txt" 2>&1; }

# Names another hub; those of earlier calls stay known to hubs_erase.
TEST_HUBS=()
hub_new() {
  TEST_HUB=t$RANDOM$RANDOM
  TEST_DATA=/tmp/haven-$TEST_HUB
  TEST_HUBS+=("$TEST_HUB")
}

hubs_erase() {
  local hub
  for hub in "${TEST_HUBS[@]+"${TEST_HUBS[@]}"}"; do
    "$ROOT/deploy/down" --hub "$hub" --data "/tmp/haven-$hub" --erase --yes >/dev/null 2>&1 </dev/null || say "hub $hub is not erased"
  done
}

# As the hub's user, in its own database and Redis.
hub_sql() { run_as "$(stat -c %U "$TEST_DATA/postgres")" psql -qXAt -h "$TEST_DATA/run" -U haven_super -d haven -c "$1"; }
hub_redis() {
  local password
  password=$(cat "$TEST_DATA/secrets/redis")
  run_as "$(stat -c %U "$TEST_DATA/redis")" env REDISCLI_AUTH="$password" redis-cli -s "$TEST_DATA/run/redis.sock" --user haven "$@"
}
hub_pid() { cat "$TEST_DATA/run/$1.pid"; }

# until_true SECONDS CMD...: waits for a condition.
until_true() {
  local limit=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$limit" ] || fail "not within the time: $*"
    sleep 0.05
  done
}
