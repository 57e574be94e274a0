# shellcheck shell=bash
# Debian packages: which are missing, and how they are installed without any server of Debian's own starting.
# Sourced after common.sh. HAVEN_ROOT_PREFIX (tests only) stands before every path below /etc and /usr that the guard writes.

HAVEN_ROOT_PREFIX=${HAVEN_ROOT_PREFIX:-}
GUARD_MARK='# written by deploy/up for the time of one installation'

# packages_in FILE...: "name" or "name tool" per line, comments removed.
packages_in() {
  sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' -e 's/ cmd:/ /' "$@"
}

# packages_missing FILE...: names that are not installed, one per line.
packages_missing() {
  local installed name tool
  installed=$(dpkg-query -W -f='${db:Status-Status} ${binary:Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sed 's/:.*//')
  packages_in "$@" | while read -r name tool; do
    if [ -n "$tool" ] && command -v "$tool" >/dev/null; then continue; fi
    grep -qxF "$name" <<<"$installed" || say "$name"
  done
}

package_known() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -q '^installed$'; }

# Nothing that apt installs may start a server: a policy that refuses every start, and no cluster made by postgresql-15.
# Both are taken away afterwards, so the machine's administrator finds Debian's defaults unchanged.
guard_on() {
  local policy="$HAVEN_ROOT_PREFIX/usr/sbin/policy-rc.d" conf="$HAVEN_ROOT_PREFIX/etc/postgresql-common/createcluster.d"
  if [ -e "$policy" ] && ! grep -qF "$GUARD_MARK" "$policy"; then
    as_root mv "$policy" "$policy.before-haven"
  fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$GUARD_MARK" | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  as_root mkdir -p "$conf"
  printf '%s\ncreate_main_cluster = false\n' "$GUARD_MARK" | as_root tee "$conf/haven.conf" >/dev/null
}

guard_off() {
  local policy="$HAVEN_ROOT_PREFIX/usr/sbin/policy-rc.d" conf="$HAVEN_ROOT_PREFIX/etc/postgresql-common/createcluster.d/haven.conf"
  if [ -e "$policy" ] && grep -qF "$GUARD_MARK" "$policy"; then as_root rm -f "$policy"; fi
  if [ -e "$policy.before-haven" ]; then as_root mv "$policy.before-haven" "$policy"; fi
  if [ -e "$conf" ] && grep -qF "$GUARD_MARK" "$conf"; then as_root rm -f "$conf"; fi
}

# Debian enables redis-server for the next boot. Only called when the package was not there before.
redis_disable() {
  if [ -d /run/systemd/system ]; then
    as_root systemctl disable --now redis-server.service
  else
    as_root update-rc.d redis-server disable
  fi
}

# packages_install FILE...: installs what is missing; no apt call at all when nothing is. The caller shows progress.
packages_install() (
  rc=0 had_redis=yes
  mapfile -t missing < <(packages_missing "$@")
  [ "${#missing[@]}" -gt 0 ] || exit 0
  say "installing: ${missing[*]}"
  package_known redis-server || had_redis=no
  trap guard_off EXIT
  trap 'exit 143' TERM INT
  guard_on
  apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
  as_root "${apt[@]}" update || warn "apt-get update failed; trying with the lists that are here"
  as_root "${apt[@]}" install --no-install-recommends "${missing[@]}" || rc=$?
  if [ "$had_redis" = no ] && package_known redis-server; then redis_disable || rc=$?; fi
  mapfile -t missing < <(packages_missing "$@")
  if [ "${#missing[@]}" -gt 0 ]; then
    say "still missing: ${missing[*]}"
    rc=1
  fi
  exit "$rc"
)
