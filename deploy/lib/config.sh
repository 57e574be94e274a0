# shellcheck shell=bash
# The hub's configuration file. Sourced after layout.sh.

# config_make PORT METRICS_PORT: written once. Everything not named here has its default: `haven config` prints all.
config_make() {
  local http_port=$1 grpc_port=$2 admin_port=$3
  cat >"$DATA/haven.yaml.new" <<YAML
# Configuration of hub $HUB. Written once by deploy/up, yours from then on; deploy/up changes only a port that is taken.
# All settings with their defaults: $DATA/program/haven config --config=$DATA/haven.yaml
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
  port: $http_port
  web_dir: "$DATA/program/web"
grpc:
  port: $grpc_port
admin:
  port: $admin_port
YAML
  owned "$DATA/haven.yaml.new" 600
  mv "$DATA/haven.yaml.new" "$DATA/haven.yaml"
}

# Name, section and default of each port that a hub listens on.
# shellcheck disable=SC2034  # used by deploy/up
HUB_PORTS=("desk 8080" "grpc 9080" "admin 9180")
