#!/usr/bin/env bash
# deploy/lib/packages.sh: what is missing, and the guard against servers of Debian's own.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$ROOT/deploy/lib/common.sh"
. "$ROOT/deploy/lib/packages.sh"
. "$ROOT/tests/lib/cases.sh"

# apt-get, dpkg-query and the tools that touch services are replaced by recorders: the machine stays as it is.
stand_in() {
  local tool
  mkdir -p "$SCRATCH/bin" "$SCRATCH/root/usr/sbin" "$SCRATCH/root/etc"
  HAVEN_ROOT_PREFIX=$SCRATCH/root
  INSTALLED=$SCRATCH/installed
  : >"$SCRATCH/calls"
  cat >"$SCRATCH/bin/dpkg-query" <<SH
#!/bin/bash
if [ \$# -eq 2 ]; then sed 's/^/installed /' "$INSTALLED"; else grep -qx "\${!#}" "$INSTALLED" && printf installed; fi
SH
  cat >"$SCRATCH/bin/apt-get" <<SH
#!/bin/bash
echo "apt-get \$*" >>"$SCRATCH/calls"
{ cat "$HAVEN_ROOT_PREFIX/usr/sbin/policy-rc.d"; cat "$HAVEN_ROOT_PREFIX/etc/postgresql-common/createcluster.d/haven.conf"; } >"$SCRATCH/guard" 2>&1
case " \$* " in *" install "*) [ -e "$SCRATCH/broken" ] && exit 100; for p in "\$@"; do case \$p in -*|*=*|install) ;; *) echo "\$p" >>"$INSTALLED" ;; esac; done ;; esac
exit 0
SH
  for tool in systemctl update-rc.d; do
    printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\n' "$tool" "$SCRATCH" >"$SCRATCH/bin/$tool"
  done
  chmod +x "$SCRATCH"/bin/*
  PATH=$SCRATCH/bin:$PATH
  as_root() { "$@"; }
}

test_nothing_missing_calls_no_apt() {
  stand_in
  printf 'postgresql-15\nredis-server\n' >"$INSTALLED"
  printf '# two\npostgresql-15\nredis-server  # stores\n' >"$SCRATCH/list"
  packages_install "$SCRATCH/list"
  check_equal "$(cat "$SCRATCH/calls")" "" "calls"
}

test_only_missing_packages_are_installed() {
  stand_in
  echo git >"$INSTALLED"
  printf 'git\njq\n' >"$SCRATCH/list"
  packages_install "$SCRATCH/list"
  check_contains "$(cat "$SCRATCH/calls")" "install --no-install-recommends jq"
}

test_a_command_from_elsewhere_counts_as_installed() {
  stand_in
  : >"$INSTALLED"
  printf 'bash-of-another-vendor cmd:bash\n' >"$SCRATCH/list"
  check_equal "$(packages_missing "$SCRATCH/list")" ""
}

test_guard_stands_during_installation_and_leaves_nothing() {
  stand_in
  : >"$INSTALLED"
  echo postgresql-15 >"$SCRATCH/list"
  packages_install "$SCRATCH/list"
  check_contains "$(cat "$SCRATCH/guard")" "exit 101"
  check_contains "$(cat "$SCRATCH/guard")" "create_main_cluster = false"
  check_equal "$(find "$HAVEN_ROOT_PREFIX" -type f)" "" "left behind"
}

test_an_administrators_policy_comes_back() {
  stand_in
  : >"$INSTALLED"
  printf '#!/bin/sh\nexit 0 # mine\n' >"$HAVEN_ROOT_PREFIX/usr/sbin/policy-rc.d"
  echo jq >"$SCRATCH/list"
  packages_install "$SCRATCH/list"
  check_contains "$(cat "$SCRATCH/guard")" "exit 101"
  check_contains "$(cat "$HAVEN_ROOT_PREFIX/usr/sbin/policy-rc.d")" "mine"
}

test_guard_leaves_also_when_apt_fails() {
  stand_in
  : >"$INSTALLED"
  touch "$SCRATCH/broken"
  echo jq >"$SCRATCH/list"
  check_not packages_install "$SCRATCH/list"
  check_equal "$(find "$HAVEN_ROOT_PREFIX" -type f)" "" "left behind"
}

test_guard_of_a_killed_run_is_taken_away() {
  stand_in
  printf 'exit 0 # mine\n' >"$HAVEN_ROOT_PREFIX/usr/sbin/policy-rc.d"
  guard_on
  : >"$INSTALLED"
  echo jq >"$SCRATCH/list"
  packages_install "$SCRATCH/list"
  check_contains "$(cat "$HAVEN_ROOT_PREFIX/usr/sbin/policy-rc.d")" "mine"
}

test_new_redis_server_is_disabled() {
  stand_in
  : >"$INSTALLED"
  echo redis-server >"$SCRATCH/list"
  packages_install "$SCRATCH/list"
  check_contains "$(cat "$SCRATCH/calls")" "disable"
}

test_redis_server_that_was_there_is_left_alone() {
  stand_in
  echo redis-server >"$INSTALLED"
  printf 'redis-server\njq\n' >"$SCRATCH/list"
  packages_install "$SCRATCH/list"
  check_lacks "$(cat "$SCRATCH/calls")" "disable"
  check_lacks "$(cat "$SCRATCH/calls")" "systemctl"
}

run_cases
