# shellcheck shell=bash
# Building, and copying what was built into the hub's folder. Sourced after layout.sh.

BUILD=${HAVEN_BUILD_DIR:-$ROOT/build/release}
WEB=$ROOT/services/desk/web

build_haven() {
  if [ ! -f "$BUILD/build.ninja" ]; then (cd "$ROOT" && cmake --preset release -B "$BUILD") || return; fi
  ninja -C "$BUILD" haven
}

# sum_of PATH...: one hash over names and contents of all files below.
sum_of() {
  find "$@" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/src/gen/*' -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum
}

web_exists() { [ -f "$WEB/package.json" ]; }

web_fresh() { [ -d "$WEB/dist" ] && [ "$(cat "$WEB/dist/.sources" 2>/dev/null)" = "$(sum_of "$WEB" "$ROOT/proto")" ]; }

# npm_ci DIR: exactly what the lock file names, only when it changed. No package's own install script is run.
npm_ci() {
  local stamp=$1/node_modules/.haven-lock
  if cmp -s "$1/package-lock.json" "$stamp"; then return 0; fi
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund) && cp "$1/package-lock.json" "$stamp"
}

build_web() {
  local sum
  node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' || {
    say "Node 18 or newer is needed, this is $(node --version)"
    return 1
  }
  sum=$(sum_of "$WEB" "$ROOT/proto")
  npm_ci "$WEB" || return
  (cd "$WEB" && npm run build) || return
  say "$sum" >"$WEB/dist/.sources"
}

program_parts() {
  say "$BUILD/services/haven/haven"
  say "$ROOT/deploy/lib/supervise"
  say "$ROOT/deploy/demo"
  if web_exists; then say "$WEB/dist"; fi
}

# Hash of everything that program_install copies.
program_sum() {
  local parts
  mapfile -t parts < <(program_parts)
  { sha256sum "${parts[0]}" "${parts[1]}" | cut -d' ' -f1; (cd "$ROOT" && sum_of deploy/demo); cat "$WEB/dist/.sources" 2>/dev/null; } | sha256sum | cut -d' ' -f1
}

program_current() { [ "$(cat "$DATA/program/.sum" 2>/dev/null)" = "$(program_sum)" ]; }

# Owned by whoever installs: the hub cannot change its own program when that is root. Each file is replaced by a rename, so a
# running process keeps the one it has.
program_install() {
  local new=$DATA/program.new old=$DATA/program.old
  rm -rf "$new" "$old"
  mkdir -m 755 "$new"
  install -m 755 "$BUILD/services/haven/haven" "$new/haven" || return
  install -m 755 "$ROOT/deploy/lib/supervise" "$new/supervise"
  if [ -d "$ROOT/deploy/demo" ]; then cp -r "$ROOT/deploy/demo" "$new/demo"; fi
  if web_exists; then cp -r "$WEB/dist" "$new/web"; fi
  program_sum >"$new/.sum"
  chmod -R u=rwX,go=rX "$new"
  if [ -d "$DATA/program" ]; then mv "$DATA/program" "$old"; fi
  mv "$new" "$DATA/program"
  rm -rf "$old"
}
