# shellcheck shell=bash
# Shows which step runs and how far it is; its output goes to a log. Sourced after common.sh.
#
#   steps_begin 8                                    how many steps there will be
#   step "Building haven" 1800 LOG cmd args...       runs cmd (a function or a program), at most 1800 s
#
# A command reports progress by lines "@@ DONE TOTAL" in its output (NINJA_STATUS below makes ninja do so). On a terminal the
# line is rewritten in place; elsewhere a line appears at the start, every 30 s while something moves, and at the end.

export NINJA_STATUS='@@ %f %t  '
STEP_NOW=0
STEP_TOTAL=0
STEP_PID=""
STEP_TAIL=${STEP_TAIL:-30}

steps_begin() {
  STEP_NOW=0
  STEP_TOTAL=$1
}

step_stop_child() {
  [ -n "$STEP_PID" ] || return 0
  kill -TERM -- "-$STEP_PID" 2>/dev/null
  local i
  for i in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 -- "-$STEP_PID" 2>/dev/null || break
    sleep "0.$i"
  done
  kill -KILL -- "-$STEP_PID" 2>/dev/null
  STEP_PID=""
}

# Prints "412 of 630" from the last progress line of a log, nothing when it has none.
step_progress() {
  tail -c 4096 "$1" 2>/dev/null | awk '/^@@ [0-9]+ [0-9]+/ { d = $2; t = $3 } END { if (t) printf "%d of %d", d, t }'
}

step_log_tail() {
  local first line
  first=$(grep -anE '(^|[^a-z])(error|ERROR|E):' "$1" | head -n 3 | cut -c 1-300)
  if [ -n "$first" ]; then
    say "---- first errors in $1"
    while read -r line; do say "     $line"; done <<<"$first"
  fi
  say "---- last lines of $1"
  grep -av '^@@ [0-9]* [0-9]* *$' "$1" | tail -n "$STEP_TAIL" | cut -c 1-300 | sed 's/^/     /'
  say "----"
}

# step TITLE LIMIT LOG CMD...: 0 when the command succeeded, its exit code otherwise, 124 after LIMIT seconds.
step() {
  local title=$1 limit=$2 log=$3 head started=$SECONDS elapsed=0 last_shown=0 shown="" progress rc=0 nap=0.05
  shift 3
  STEP_NOW=$((STEP_NOW + 1))
  head="[$STEP_NOW/$STEP_TOTAL] $title"
  mkdir -p "$(dirname "$log")"
  : >"$log"
  if [ -t 1 ]; then printf '%s' "$head"; else say "$head"; fi
  set -m # a process group of its own: a time-out or Ctrl-C stops all of it
  ("$@") </dev/null >"$log" 2>&1 &
  STEP_PID=$!
  set +m
  while kill -0 "$STEP_PID" 2>/dev/null; do
    elapsed=$((SECONDS - started))
    if [ "$elapsed" -ge "$limit" ]; then
      rc=124
      step_stop_child
      break
    fi
    if [ -t 1 ]; then
      progress=$(step_progress "$log")
      printf '\r\033[K%s%s' "$head" "${progress:+ ($progress)}"
    elif [ $((elapsed - last_shown)) -ge 30 ]; then
      last_shown=$elapsed
      progress=$(step_progress "$log")
      [ "$progress" = "$shown" ] || say "$head (${progress:-$(seconds_text "$elapsed")})"
      shown=$progress
    fi
    sleep "$nap"
    [ "$elapsed" -lt 2 ] || nap=0.5
  done
  if [ "$rc" -eq 0 ]; then
    wait "$STEP_PID" || rc=$?
  fi
  STEP_PID=""
  elapsed=$((SECONDS - started))
  [ ! -t 1 ] || printf '\r\033[K'
  if [ "$rc" -eq 0 ]; then
    say "$head: done in $(seconds_text "$elapsed")"
  elif [ "$rc" -eq 124 ]; then
    say "$head: stopped after its limit of $(seconds_text "$limit")"
    step_log_tail "$log"
  else
    say "$head: FAILED after $(seconds_text "$elapsed") (exit code $rc)"
    step_log_tail "$log"
  fi
  return "$rc"
}

# step_note TITLE TEXT: a step that had nothing to do.
step_note() {
  STEP_NOW=$((STEP_NOW + 1))
  say "[$STEP_NOW/$STEP_TOTAL] $1: $2"
}
