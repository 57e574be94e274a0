# shellcheck shell=bash
# Where a hub lives and as whom it runs. Sourced after common.sh.
#
#   DATA/.haven-hub     marks the folder as ours; holds the hub's name
#   DATA/haven.yaml     the configuration, written once, then the administrator's
#   DATA/secrets/       generated once, 0600
#   DATA/postgres/ redis/ files/   what must last
#   DATA/run/           sockets, locks, process ids
#   DATA/log/
#   DATA/program/       the executable, the web desk and the supervisor that run now, a copy: a running hub does not depend on
#                       the checkout it was built from
#
# When root sets a hub up, DATA, secrets/ and program/ are root's, so that a hub taken over by an attacker can change neither
# its program nor what root will read or write there; whatever lies in the other folders is touched as the hub's user only.

export PG_BIN=/usr/lib/postgresql/15/bin

default_data() { # HUB
  if [ "$(id -u)" -eq 0 ]; then
    say "/var/lib/haven/$1"
  else
    say "${XDG_DATA_HOME:-$HOME/.local/share}/haven/$1"
  fi
}

# hub_layout HUB DATA: sets HUB, DATA, RUN_AS, UNIT. DATA empty means the default.
hub_layout() {
  HUB=$1
  [[ $HUB =~ ^[a-z][a-z0-9-]{0,30}$ ]] || die "a hub's name has 1 to 31 of a-z, 0-9 and -, the first a letter: '$HUB'"
  DATA=${2:-$(default_data "$HUB")}
  [[ $DATA == /* ]] || DATA=$PWD/$DATA
  DATA=$(realpath -m "$DATA")
  # A socket's path has at most 107 characters.
  [ ${#DATA} -le 80 ] || die "the data folder's path is too long for Unix sockets (${#DATA} characters, at most 80): $DATA"
  [[ $DATA =~ ^[A-Za-z0-9/._+-]+$ ]] || die "the data folder's path may have letters, digits and / . _ + - only: $DATA"
  if [ "$(id -u)" -eq 0 ]; then RUN_AS=haven; else RUN_AS=$(id -un); fi
  UNIT=haven-$HUB.service
  export HUB DATA RUN_AS UNIT
}

# Refuses a folder that is somebody else's.
hub_folder_check() {
  if [ -e "$DATA/.haven-hub" ]; then
    [ "$(cat "$DATA/.haven-hub")" = "$HUB" ] || die "$DATA holds the hub '$(cat "$DATA/.haven-hub")', not '$HUB'"
  elif [ -d "$DATA" ] && [ -n "$(ls -A "$DATA")" ]; then
    die "$DATA is not empty and no hub's folder; choose another with --data"
  fi
}

# yaml_get SECTION KEY and yaml_set SECTION KEY VALUE: one scalar of DATA/haven.yaml, two levels deep, the rest untouched.
yaml_get() {
  awk -v s="$1" -v k="$2" '
    /^[^ #]/ { here = ($0 ~ "^" s ":") }
    here && $1 == k ":" { $1 = ""; sub(/^ /, ""); sub(/ +#.*/, ""); gsub(/^"|"$/, ""); print; exit }' "$DATA/haven.yaml"
}

yaml_set() {
  local file=$DATA/haven.yaml
  awk -v s="$1" -v k="$2" -v v="$3" '
    /^[^ #]/ { here = ($0 ~ "^" s ":") }
    here && $1 == k ":" { sub(/:.*/, ": " v) }
    { print }' "$file" >"$file.new"
  owned "$file.new" 600
  mv "$file.new" "$file"
}

# owned PATH MODE: gives a path in a folder of root's to the hub's user. Not for paths in the hub's own folders.
owned() {
  chmod "$2" "$1"
  if [ "$(id -u)" -eq 0 ]; then chown "$RUN_AS:$RUN_AS" "$1"; fi
}

# hub_put FILE: standard input into a file, 0600, as the hub's user.
hub_put() { as_hub sh -c 'umask 077 && cat >"$1"' - "$1"; }

# as_hub CMD...: as the user that the hub runs as.
as_hub() { run_as "$RUN_AS" "$@"; }

# The system user; only root makes one.
hub_user() {
  if [ "$(id -u)" -ne 0 ] || getent passwd haven >/dev/null; then return 0; fi
  useradd --system --user-group --no-create-home --home-dir /var/lib/haven --shell /usr/sbin/nologin haven
}

hub_folders() {
  local folder
  mkdir -p "$(dirname "$DATA")"
  for folder in "" /secrets; do
    [ -d "$DATA$folder" ] || mkdir -m 700 "$DATA$folder"
    if [ "$(id -u)" -eq 0 ]; then chown "root:$RUN_AS" "$DATA$folder" && chmod 750 "$DATA$folder"; fi
  done
  say "$HUB" >"$DATA/.haven-hub"
  for folder in redis files run log; do
    if [ ! -d "$DATA/$folder" ]; then mkdir -m 700 "$DATA/$folder" && owned "$DATA/$folder" 700; fi
  done
  as_hub test -x "$DATA" || die "user $RUN_AS cannot enter $DATA: a folder above it is closed to others; choose another with --data"
}

# secret NAME: DATA/secrets/NAME, made when absent; prints its content.
secret() {
  local file=$DATA/secrets/$1
  if [ ! -s "$file" ]; then
    (umask 077 && random_secret >"$file.new")
    owned "$file.new" 600
    mv "$file.new" "$file"
  fi
  cat "$file"
}

# port_busy PORT: somebody listens there, on any address.
port_busy() {
  awk -v port="$(printf '%04X' "$1")" '$4 == "0A" { n = split($2, a, ":"); if (a[n] == port) found = 1 } END { exit !found }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# free_port WANTED [TAKEN...]: the first free one from WANTED on that is not in TAKEN.
free_port() {
  local port=$1 last=$(($1 + 200)) taken
  shift
  taken=" $* "
  while [ "$port" -le "$last" ] && [ "$port" -le 65535 ]; do
    if [[ $taken != *" $port "* ]] && ! port_busy "$port"; then
      say "$port"
      return
    fi
    port=$((port + 1))
  done
  die "no free port from $((last - 200)) to $last"
}
