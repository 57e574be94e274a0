# shellcheck shell=bash
# One private PostgreSQL 15 for a test run, reached by Unix socket only; every test binary makes its own database in it.
# fsync stays on, as a hub demands it of its server (a hub refuses to start on anything less).
# Sourced after deploy/lib/common.sh.

PG_BIN=/usr/lib/postgresql/15/bin

# test_postgres_start DIR: DIR does not exist yet and has a short path. Sets HAVEN_TEST_PG.
test_postgres_start() {
  local dir=$1 user
  user=$(test_postgres_user)
  run_as "$user" mkdir -m 700 "$dir"
  run_as "$user" "$PG_BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale -N >/dev/null
  run_as "$user" "$PG_BIN/pg_ctl" start -D "$dir/data" -w -t 60 -l "$dir/log" -o \
    "-k $dir -c listen_addresses='' -c max_connections=200 -c shared_buffers=64MB -c max_wal_size=512MB"
}

test_postgres_dsn() { printf 'host=%s user=postgres dbname=postgres' "$1"; }

# PostgreSQL refuses to run as root.
test_postgres_user() { if [ "$(id -u)" -eq 0 ]; then say postgres; else id -un; fi; }

test_postgres_stop() {
  local dir=$1
  [ -d "$dir" ] || return 0
  run_as "$(test_postgres_user)" "$PG_BIN/pg_ctl" stop -D "$dir/data" -m immediate -w -t 30 >/dev/null 2>&1
  rm -rf "$dir"
}
