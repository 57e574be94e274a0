# shellcheck shell=bash
# Lint stages of tests/run. Each counts as one case, clang-tidy as one per file.

# At most 330 s for clang-tidy, less when the whole run would become too long (two minutes are left for its last files).
lint_tidy_seconds() {
  local left=$((${HAVEN_LIMIT:-999} * 60 - SECONDS - 120))
  if [ "$left" -lt 330 ]; then say "$left"; else say 330; fi
}

ours() { git ls-files -z -- "$@" | xargs -0 -r ls -d 2>/dev/null; }

lint_base() {
  local head base
  if [ -n "${HAVEN_LINT_BASE:-}" ]; then
    say "$HAVEN_LINT_BASE"
    return
  fi
  head=$(git rev-parse HEAD)
  base=$(git merge-base HEAD origin/main 2>/dev/null)
  if [ -z "$base" ] || [ "$base" = "$head" ]; then base=$(git describe --tags --abbrev=0 HEAD~1 2>/dev/null); fi
  if [ -z "$base" ]; then base=$(git rev-list --max-count=21 HEAD | tail -n 1); fi
  say "$base"
}

stage_lint_format() {
  local files
  mapfile -t files < <(ours '*.h' '*.cc')
  clang-format-14 --dry-run -Werror "${files[@]}" && record "$1" pass "clang-format"
}

# clang-tidy costs 5 to 40 s a file: only sources that changed, newest first, until the time is used up. A file whose text,
# headers and rules have not changed since it last passed is not checked again.
stage_lint_tidy() {
  local base files file started=$SECONDS left=0 rc=0 jobs=() limit
  limit=$(lint_tidy_seconds)
  base=$(lint_base)
  say "sources changed since $base"
  mapfile -t files < <({ git diff --name-only --diff-filter=d HEAD -- '*.cc'
    git log --name-only --diff-filter=d --format= "$base..HEAD" -- '*.cc'
    [ -n "$(git rev-list --max-count=1 "$base..HEAD")" ] || git ls-files -- '*.cc'; } | awk '!seen[$0]++')
  mkdir -p build/tidy
  # clang-tidy 14 neither reads the build's precompiled headers nor knows its ABI option.
  sed -E 's/ -Winvalid-pch -Xclang -include-pch -Xclang [^ ]+ -Xclang -include -Xclang [^ ]+//; s/ -fclang-abi-compat=17//' \
    build/asan/compile_commands.json >build/tidy/compile_commands.json
  for file in "${files[@]+"${files[@]}"}"; do
    if [ ! -f "$file" ] || ! grep -qF "\"file\": \"$ROOT/$file\"" build/asan/compile_commands.json; then continue; fi
    if [ $((SECONDS - started)) -ge "$limit" ]; then
      left=$((left + 1))
      continue
    fi
    while [ "$(jobs -rp | wc -l)" -ge "$HAVEN_JOBS" ]; do wait -n || rc=1; done
    tidy_one "$file" "$1" &
    jobs+=("$!")
  done
  while [ -n "$(jobs -rp)" ]; do wait -n || rc=1; done
  [ "$left" -eq 0 ] || record "$1" skip "clang-tidy: $left changed files after $limit s"
  if ! grep -q . "$1" 2>/dev/null; then record "$1" pass "clang-tidy: no changed file"; fi
  if grep -q '^fail ' "$1"; then rc=1; fi
  return "$rc"
}

tidy_one() {
  local file=$1 cases=$2 key
  key=build/tidy/$(printf '%s' "$file" | tr / _)
  if tidy_signature "$file" | cmp -s - "$key"; then
    record "$cases" pass "clang-tidy $file"
  elif timeout 180 clang-tidy-14 --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-fno-sanitize=all -p build/tidy "$file" 2>&1 | grep -vE 'warnings? generated|Suppressed'; [ "${PIPESTATUS[0]}" -eq 0 ]; then
    tidy_signature "$file" >"$key"
    record "$cases" pass "clang-tidy $file"
  else
    record "$cases" fail "clang-tidy $file"
    return 1
  fi
}

# What a verdict depends on: the rules, the source and every header of ours that it includes (from ninja's record).
tidy_signature() {
  local object deps
  object=$(ninja -C build/asan -t query "$ROOT/$1" 2>/dev/null | sed -n '/outputs:/,$s/^ *\([^ ]*\.o\)$/\1/p' | head -n 1)
  mapfile -t deps < <(ninja -C build/asan -t deps "$object" 2>/dev/null | sed -n 's/^ *//;/^\/usr\//d;/\.\(h\|cc\)$/p')
  sha256sum .clang-tidy "$1"
  (cd build/asan && sha256sum "${deps[@]+"${deps[@]}"}" </dev/null)
}

stage_lint_proto() {
  local buf=tests/tools/node_modules/.bin/buf tag rc=0
  if $buf lint; then record "$1" pass "buf lint"; else record "$1" fail "buf lint"; rc=1; fi
  tag=$(git describe --tags --abbrev=0 2>/dev/null)
  if [ -z "$tag" ]; then
    record "$1" skip "buf breaking: no release to compare with yet"
  elif $buf breaking --against ".git#tag=$tag"; then
    record "$1" pass "buf breaking against $tag"
  else
    record "$1" fail "buf breaking against $tag"
    rc=1
  fi
  return "$rc"
}

shell_files() {
  git ls-files -z | xargs -0 grep -lIE '^#!.*\b(ba)?sh$|^# shellcheck shell=' 2>/dev/null
}

stage_lint_shell() {
  local files
  mapfile -t files < <(shell_files)
  shellcheck --severity=style -x "${files[@]}" && record "$1" pass "shellcheck of ${#files[@]} files"
}
