# shellcheck shell=bash
# Shared by deploy/ and tests/: a sane environment, messages, root's rights. Sourced, never run.

export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
case ":$PATH:" in *:/usr/sbin:*) ;; *) PATH="$PATH:/usr/sbin:/sbin" ;; esac
export LC_ALL=C.UTF-8
if [ -z "${HOME:-}" ]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
  export HOME="${HOME:-/tmp}"
fi

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# as_root CMD...: runs a command with root's rights, by sudo where we are somebody else.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    die "this needs root: run as root, or install sudo. The command was: $*"
  elif sudo -n true 2>/dev/null || [ -t 0 ]; then
    sudo "$@"
  else
    die "this needs root and sudo asks for a password, but there is no terminal. Run by hand: sudo $*"
  fi
}

# run_as USER CMD...: as USER when we are root, otherwise as ourselves. The environment is passed on, the working folder is
# one that every user may enter.
run_as() {
  local user=$1
  shift
  if [ "$(id -u)" -eq 0 ] && [ "$user" != root ]; then
    (cd / && exec setpriv --reuid="$user" --regid="$user" --init-groups -- env HOME=/nonexistent "$@")
  else
    (cd / && exec "$@")
  fi
}

# random_secret: 32 characters of [A-Za-z0-9], about 190 bits.
random_secret() {
  local text=""
  while [ ${#text} -lt 32 ]; do
    text+=$(head -c 64 /dev/urandom | base64 -w0 | tr -dc 'A-Za-z0-9')
  done
  printf '%s' "${text:0:32}"
}

# seconds_text N: 75 -> "1 min 15 s".
seconds_text() {
  if [ "$1" -ge 60 ]; then printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}
