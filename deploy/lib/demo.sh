# shellcheck shell=bash
# The demo hub: applied once, its sign-ins shown once. Sourced after layout.sh.

# A password that people can read to each other and type: four groups of four, 79 bits.
random_password() {
  local text=""
  while [ ${#text} -lt 16 ]; do
    text+=$(head -c 256 /dev/urandom | tr -dc 'abcdefghjkmnpqrstuvwxyz23456789')
  done
  printf '%s-%s-%s-%s' "${text:0:4}" "${text:4:4}" "${text:8:4}" "${text:12:4}"
}

# Lines "user file roles" of a hub file's people whose password is a reference to a file.
demo_people() {
  awk '
    /^[^ #]/ { here = ($1 == "users:") }
    here && /^  [a-z0-9-]+:/ { user = $1; sub(/:$/, "", user); roles = "" }
    here && /^    roles:/ { sub(/.*\[/, ""); sub(/\].*/, ""); gsub(/, */, "+"); roles = $0 }
    here && /^    password: *file:/ { sub(/.*file:/, ""); print user, $0, roles }' "$1"
}

demo_passwords() {
  local name file
  while read -r _ name _; do
    file=$DATA/secrets/$name
    if [ ! -s "$file" ]; then
      (umask 077 && random_password >"$file.new")
      owned "$file.new" 600
      mv "$file.new" "$file"
    fi
  done < <(demo_people "$ROOT/deploy/demo/hub.yaml")
}

demo_apply() {
  as_hub "$DATA/program/haven" apply -f "$DATA/program/demo/hub.yaml" --config="$DATA/haven.yaml" && (umask 077 && : >"$DATA/.demo-applied")
}

demo_sign_ins() {
  local user name roles
  say ""
  say "Sign-ins of the demo, shown this once (kept in $DATA/secrets):"
  while read -r user name roles; do
    printf '  %-12s %s   %s\n' "$user" "$(cat "$DATA/secrets/$name")" "${roles//+/, }"
  done < <(demo_people "$ROOT/deploy/demo/hub.yaml")
  say ""
}
