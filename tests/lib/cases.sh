# shellcheck shell=bash
# Shell tests: every function named test_* of the sourcing file is a case, run in a subshell of its own by run_cases.
# A case fails when a check fails or a command of it fails. Cases go to HAVEN_TEST_CASES as tests/run wants them.

fail() {
  printf '  FAILED: %s\n' "$*" >&2
  exit 1
}
check_equal() { [ "$1" = "$2" ] || fail "${3:-}: got '$1', expected '$2'"; }
check_contains() { [[ $1 == *"$2"* ]] || fail "'$2' is not in: $1"; }
check_lacks() { [[ $1 != *"$2"* ]] || fail "'$2' is in: $1"; }
check() { "$@" || fail "not so: $*"; }
check_not() { if "$@"; then fail "is so: $*"; fi; }

run_cases() {
  local name suite failed=0 verdict
  suite=$(basename "$0" .sh)
  for name in $(declare -F | sed -n 's/^declare -f \(test_.*\)/\1/p'); do
    say "-- $suite $name"
    # errexit holds in the subshell only if it stands alone, not as the condition of an if.
    set +e
    SCRATCH=$(mktemp -d /tmp/haven-case-XXXXXX)
    (
      set -e
      trap 'end_case' EXIT
      "$name"
    )
    verdict=$?
    if [ "$verdict" -eq 0 ]; then verdict=pass; else verdict=fail failed=1; fi
    say "   $verdict"
    [ -z "${HAVEN_TEST_CASES:-}" ] || printf '%s %s: %s\n' "$verdict" "$suite" "${name#test_}" >>"$HAVEN_TEST_CASES"
  done
  return "$failed"
}

# A file that needs more than removing the scratch folder defines clean_case.
end_case() {
  if declare -F clean_case >/dev/null; then clean_case; fi
  rm -rf "$SCRATCH"
}
