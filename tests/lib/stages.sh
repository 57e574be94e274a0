# shellcheck shell=bash
# The stages of tests/run: each is a function whose cases go to $RESULTS/<stage>.cases as lines "pass NAME" or "fail NAME".
# shellcheck disable=SC2153  # RESULTS, ROOT, WEB and STAGES come from tests/run

# record FILE pass|fail|skip NAME
record() { printf '%s %s\n' "$2" "$3" >>"$1"; }

cases_file() { printf '%s/%s.cases' "$RESULTS" "$1"; }

count_in() { # count_in VERDICT FILE...
  local verdict=$1
  shift
  cat "$@" /dev/null 2>/dev/null | grep -c "^$verdict "
}

STAGE_LINES=()

# run_stage NAME BUDGET LIMIT BODY: minutes. A stage that fails without naming a failed case counts as one failure.
run_stage() {
  local name=$1 budget=$2 limit=$3 body=$4 cases rc=0 started=$SECONDS passed failed note=""
  cases=$(cases_file "$name")
  step "$name (budget $budget min)" $((limit * 60)) "$RESULTS/$name.log" "$body" "$cases" || rc=$?
  touch "$cases"
  failed=$(count_in fail "$cases")
  if [ "$rc" -ne 0 ] && [ "$failed" -eq 0 ]; then
    record "$cases" fail "$name"
    failed=1
  elif [ "$rc" -eq 0 ] && [ "$failed" -gt 0 ]; then
    rc=1
  fi
  passed=$(count_in pass "$cases")
  [ "$rc" -eq 0 ] || sed -n 's/^fail /     failed: /p' "$cases" | head -n 40
  # What a stage left out is said, so that nobody takes it for tested.
  sed -n 's/^skip /     left out: /p' "$cases"
  [ $((SECONDS - started)) -le $((budget * 60)) ] || note="  over budget"
  STAGE_LINES+=("$(printf '%-14s %5d passed %4d failed  %4d s of %d%s' "$name" "$passed" "$failed" $((SECONDS - started)) $((budget * 60)) "$note")")
  return "$rc"
}

# summary: the table, the time, the count alone on the last line. Sets the exit code of the run.
summary() {
  local passed failed line
  passed=$(count_in pass "$RESULTS"/*.cases)
  failed=$(count_in fail "$RESULTS"/*.cases)
  say ""
  for line in "${STAGE_LINES[@]+"${STAGE_LINES[@]}"}"; do say "$line"; done
  say "total time $(seconds_text "$SECONDS"); logs in build/test-results"
  say "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

stage_packages() { packages_install deploy/packages-build.txt deploy/packages-run.txt deploy/packages-test.txt; }

# configure_and_build PRESET [TARGET...]
configure_and_build() {
  local preset=$1
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then cmake --preset "$preset" || return; fi
  nice -n 5 ninja -C "build/$preset" -j "$HAVEN_JOBS" "$@"
}

stage_build_release() { configure_and_build release; }
stage_build_faults() { configure_and_build faults haven; }
stage_build_asan() { configure_and_build asan; }

stage_postgres() { test_postgres_start "$TEST_PG_DIR"; }

# second_attempts FILE: what failed and then passed is neither: it is told as left out, so that it is seen and looked into.
second_attempts() {
  awk '{ line = substr($0, 6) } /^pass / { pass[line] = 1 } /^fail / { fail[line] = 1 } !/^(pass|fail) / { print }
    END { for (l in pass) print (l in fail) ? "skip " l " (passed only at the second attempt)" : "pass " l
          for (l in fail) if (!(l in pass)) print "fail " l }' "$1" | sort >"$1.new" && mv "$1.new" "$1"
}

# Catch2 binaries write their cases to HAVEN_TEST_CASES themselves (libs/testing/main.cc). A binary that crashed, or a test that
# is no Catch2 binary, is counted from ctest's own result.
run_ctest() {
  local cases=$1 rc=0 junit name status symbolizer
  shift
  # Debian's clang looks for one of its own version only; without any, a report has no names in it.
  symbolizer=$(command -v llvm-symbolizer-19 || command -v llvm-symbolizer || true)
  rm -f "$cases"
  junit=$cases.junit.xml
  HAVEN_TEST_CASES=$cases ASAN_SYMBOLIZER_PATH=$symbolizer UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_stack_use_after_return=0 \
    ctest --test-dir build/asan -j "$HAVEN_JOBS" --output-on-failure --no-tests=error --repeat until-pass:2 --output-junit "$junit" "$@" || rc=$?
  touch "$cases"
  second_attempts "$cases"
  while read -r name status; do
    if [ "$status" = fail ] && ! grep -qE "^fail $name: " "$cases"; then
      record "$cases" fail "$name: stopped before its end"
    elif [ "$status" = run ] && ! grep -qE "^(pass|fail) $name: " "$cases"; then
      record "$cases" pass "$name: whole"
    fi
  done < <(sed -n 's/.*<testcase name="\([^"]*\)".* status="\([a-z]*\)".*/\1 \2/p' "$junit" 2>/dev/null)
  return "$rc"
}

stage_unit() { run_ctest "$1" -LE 'integration|chaos|bench|load'; }
stage_integration() {
  if ! ctest --test-dir build/asan -N -L integration | grep -q '^ *Test *#'; then
    record "$1" skip "integration: no such test yet"
    return 0
  fi
  run_ctest "$1" -L integration
}

stage_tools() { npm_ci tests/tools; }
stage_web_packages() { npm_ci "$WEB"; }

# The desk's size limits are part of its build.
stage_build_web() { build_web && record "$1" pass "web desk: builds within its size limits"; }

stage_lint_types() { (cd "$WEB" && npm run typecheck) && record "$1" pass "TypeScript strict"; }

stage_web() {
  local report=$RESULTS/web.json rc=0
  (cd "$WEB" && npm run gen && npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$report") || rc=$?
  node tests/lib/cases_from_vitest.mjs "$report" >>"$1" || rc=1
  return "$rc"
}

# Every function whose name starts with test_ in tests/deploy/*_test.sh is a case.
stage_deploy() {
  local file rc=0
  for file in tests/deploy/*_test.sh; do
    HAVEN_TEST_CASES=$1 bash "$file" || rc=1
  done
  return "$rc"
}

# tests/e2e/run runs the browser tests against build/release and writes its cases to HAVEN_TEST_CASES.
stage_e2e() {
  local rc=0
  npm_ci tests/e2e || return
  HAVEN_TEST_CASES=$1 tests/e2e/run || HAVEN_TEST_CASES=$1 tests/e2e/run || rc=$?
  second_attempts "$1"
  return "$rc"
}

# The run with faults must hold; each control, whose fault breaks a promise on purpose, must be found out.
stage_chaos() {
  local name rc=0
  for name in judge no-seeded-faults faults control-ack_before_commit control-accept_without_epoch; do
    if tests/chaos/run "$name"; then
      record "$1" pass "chaos: $name"
    else
      record "$1" fail "chaos: $name"
      rc=1
    fi
  done
  return "$rc"
}
