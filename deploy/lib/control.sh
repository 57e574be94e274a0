# shellcheck shell=bash
# Starting, stopping and asking a hub. Sourced after layout.sh.

has_systemd() { [ "$(id -u)" -eq 0 ] && [ -d /run/systemd/system ]; }

# The supervisor holds this lock as long as it lives.
hub_running() {
  [ -d "$DATA/run" ] && as_hub test -e "$DATA/run/supervise.lock" && ! as_hub flock -n "$DATA/run/supervise.lock" true
}

# hub_signal NAME SIGNAL: to the process of DATA/run/NAME.pid, as the hub's user: what the file says is the hub's word.
hub_signal() { as_hub sh -c 'kill -"$2" "$(cat "$1")"' - "$DATA/run/$1.pid" "$2"; }

hub_healthy() { as_hub timeout 10 "$DATA/program/haven" health --config="$DATA/haven.yaml" >/dev/null 2>&1; }

unit_text() {
  cat <<UNIT
[Unit]
Description=Haven hub $HUB
After=network-online.target time-sync.target
Wants=network-online.target

[Service]
User=$RUN_AS
ExecStart=$DATA/program/supervise $DATA
ExecReload=/bin/kill -HUP \$MAINPID
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=150
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=$DATA
PrivateTmp=yes
PrivateDevices=yes
ProtectControlGroups=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=multi-user.target
UNIT
}

hub_start() {
  local home=$HOME
  if hub_running; then return 0; fi
  if has_systemd; then
    unit_text >"/etc/systemd/system/$UNIT"
    systemctl daemon-reload
    systemctl enable --now --quiet "$UNIT"
    return
  fi
  local become=()
  if [ "$(id -u)" -eq 0 ]; then
    become=(setpriv --reuid="$RUN_AS" --regid="$RUN_AS" --init-groups --no-new-privs --)
    home=/nonexistent
  fi
  # A session of its own: it outlives this terminal.
  (cd / && umask 077 && exec setsid -f "${become[@]+"${become[@]}"}" env -i PATH="$PATH" HOME="$home" LC_ALL=C.UTF-8 \
    "$DATA/program/supervise" "$DATA" </dev/null >/dev/null 2>&1)
}

# A new program or configuration: only haven starts anew, its stores go on.
hub_renew() { hub_signal supervise HUP; }

# Waits for the supervisor's end, which waits for its three.
hub_stop() {
  local i
  if has_systemd && [ -e "/etc/systemd/system/$UNIT" ]; then systemctl disable --now --quiet "$UNIT"; fi
  if hub_running; then
    hub_signal supervise TERM || return
    for ((i = 0; i < 1500; i++)); do
      hub_running || break
      sleep 0.1
    done
    if hub_running; then return 1; fi
  fi
  # After a kill -9 of the supervisor its three are still there.
  if [ -x "$DATA/program/supervise" ]; then as_hub "$DATA/program/supervise" "$DATA" --clear; fi
}

# How often the supervisor had to start haven again.
haven_restarts() { as_hub grep -c 'haven ended' "$DATA/log/supervise.log" 2>/dev/null || true; }

# wait_healthy SECONDS: 0 when ready. Gives up early when haven ends again and again; then come the last lines of the logs.
wait_healthy() {
  local limit=$((SECONDS + $1)) before
  before=$(haven_restarts)
  while [ "$SECONDS" -lt "$limit" ] && [ $(($(haven_restarts) - before)) -lt 4 ]; do
    if hub_healthy; then return 0; fi
    sleep 0.2
  done
  log_end postgres 6
  log_end supervise 6
  log_end haven 14
  return 1
}

log_end() { # NAME LINES
  say "---- last lines of $DATA/log/$1.log"
  as_hub tail -n "$2" "$DATA/log/$1.log" 2>/dev/null
}
