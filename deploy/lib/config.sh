# shellcheck shell=bash
# The hub's configuration file. Sourced after layout.sh.

# The ports that a hub listens on: section, key and default.
# shellcheck disable=SC2034  # used by deploy/up
HUB_PORTS=("desk port 8080" "desk chat_port 8081" "grpc port 9080" "admin port 9180")

# config_make PORT...: written once, with one port for each of HUB_PORTS. What is not named has its default.
config_make() {
  cat >"$DATA/haven.yaml.new" <<YAML
# Configuration of hub $HUB. Written once by deploy/up, yours from then on; deploy/up changes only a port that is taken.
# All settings and what is in force: $DATA/program/haven config --config=$DATA/haven.yaml
hub:
  id: $HUB
  data_dir: $DATA/files
postgres:
  dsn: "host=$DATA/run user=haven dbname=haven"
redis:
  target: "unix:$DATA/run/redis.sock"
  user: haven
  password_file: "$DATA/secrets/redis"
desk:
  port: $1
  chat_port: $2
  web_dir: "$DATA/program/web"
grpc:
  port: $3
admin:
  port: $4
YAML
  owned "$DATA/haven.yaml.new" 600
  mv "$DATA/haven.yaml.new" "$DATA/haven.yaml"
}
