# shellcheck shell=bash
# The hub's own PostgreSQL cluster and Redis: made once, reached by Unix sockets in DATA/run only. Sourced after layout.sh.

# Every write that was acknowledged survives a crash: fsync, synchronous_commit and full_page_writes stay on.
postgres_make() {
  local dir=$DATA/postgres
  if [ ! -s "$dir/PG_VERSION" ]; then
    rm -rf "$dir.new" "$dir"
    mkdir -m 700 "$dir.new" && owned "$dir.new" 700
    # pg_hba.conf comes below; "peer" here only keeps the moment before it closed.
    as_hub "$PG_BIN/initdb" -D "$dir.new" -U haven_super -A peer -E UTF8 --locale=C.UTF-8 --data-checksums >/dev/null
    postgres_configure "$dir.new"
    postgres_roles "$dir.new"
    mv "$dir.new" "$dir"
  fi
}

postgres_configure() {
  local dir=$1
  hub_put "$dir/haven.conf" <<CONF
# Written by deploy/up. Put changes of your own into postgresql.conf, below the line that includes this file.
cluster_name = 'haven-$HUB'
listen_addresses = ''
unix_socket_directories = '$DATA/run'
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 128MB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_size = 1GB
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
CONF
  as_hub sh -c 'echo "include '"'haven.conf'"'" >>"$1/postgresql.conf"' - "$dir"
  # The system user that owns the cluster is the only one who gets in, as one of two roles.
  say 'local all all peer map=haven' | hub_put "$dir/pg_hba.conf"
  printf 'haven %s haven\nhaven %s haven_super\n' "$RUN_AS" "$RUN_AS" | hub_put "$dir/pg_ident.conf"
}

# haven is the login of the processes: it may make the services' roles and become each of them, and is no superuser.
postgres_roles() {
  as_hub "$PG_BIN/postgres" --single -D "$1" postgres >/dev/null <<'SQL'
CREATE ROLE haven_owner NOLOGIN;
CREATE ROLE haven LOGIN CREATEROLE;
GRANT haven_owner TO haven;
CREATE DATABASE haven OWNER haven_owner;
REVOKE ALL ON DATABASE haven FROM PUBLIC;
GRANT CONNECT ON DATABASE haven TO haven;
SQL
}

# Live state: written to the append-only file at least once a second, never evicted. The hub's user sees its own keys and no
# command that empties, moves or reconfigures the server.
redis_make() {
  local dir=$DATA/redis hash
  hash=$(secret redis | tr -d '\n' | sha256sum | cut -d' ' -f1)
  if as_hub test -s "$dir/redis.conf"; then return 0; fi
  hub_put "$dir/users.acl" <<ACL
user default off nopass nocommands
user haven on #$hash resetkeys ~haven:{$HUB}:* resetchannels &haven:{$HUB}:* +@all -@dangerous -@admin +info +role +client|setname +client|id
ACL
  hub_put "$dir/redis.conf" <<CONF
# Written once by deploy/up; yours from then on.
port 0
unixsocket $DATA/run/redis.sock
unixsocketperm 700
dir $dir
aclfile $dir/users.acl
appendonly yes
appendfsync everysec
save ""
maxmemory 1gb
maxmemory-policy noeviction
daemonize no
supervised no
logfile ""
loglevel notice
CONF
}
