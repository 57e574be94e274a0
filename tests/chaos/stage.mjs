// The stage of a chaos run: a hub in this network namespace, its PostgreSQL and Redis in another, each to be killed, restarted or cut off.

import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const PG_BIN = "/usr/lib/postgresql/15/bin";
const quiet = { stdio: ["ignore", "pipe", "pipe"] };

const rowsOf = (text) => text.split("\n").filter(Boolean).map((line) => line.split("\t"));

export class Stage {
  /** `folder` is empty and readable by `user`; `namespace` holds the stores at `address`. */
  constructor({ folder, binary, namespace, address, user, link, faults }) {
    Object.assign(this, { folder, binary, namespace, address, user, link, faults });
    this.hubPort = 18080;
    this.base = `http://127.0.0.1:${this.hubPort}`;
    this.dsn = `host=${address} port=15432 user=haven_login dbname=haven connect_timeout=3`;
    this.logs = path.join(folder, "log");
    this.processes = {};
  }

  as(user, command, args) {
    return ["setpriv", [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", command, ...args]];
  }
  inside(command, args) {
    return ["ip", ["netns", "exec", this.namespace, command, ...args]];
  }
  start(name, [command, args], env = {}) {
    const log = fs.openSync(path.join(this.logs, `${name}.log`), "a");
    const child = spawn(command, args, { stdio: ["ignore", log, log], detached: true, env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8", ...env } });
    fs.closeSync(log);
    child.on("exit", () => (child.gone = true));
    this.processes[name] = child;
    return child;
  }
  /** kill -9 of the whole process group: setpriv and ip exec replace themselves, PostgreSQL's children are its own group's. */
  async kill(name) {
    const child = this.processes[name];
    if (!child || child.gone) return;
    const gone = new Promise((resolve) => child.on("exit", resolve));
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      return;
    }
    await gone;
  }

  async prepare(hubYaml, passwords) {
    fs.mkdirSync(this.logs, { recursive: true });
    for (const sub of ["redis", "files", "secrets", "log"]) fs.mkdirSync(path.join(this.folder, sub), { recursive: true });
    for (const [name, password] of Object.entries(passwords)) fs.writeFileSync(path.join(this.folder, "secrets", name), password, { mode: 0o600 });
    fs.writeFileSync(path.join(this.folder, "hub.yaml"), hubYaml);
    this.redisPassword = randomBytes(16).toString("hex");
    fs.writeFileSync(path.join(this.folder, "secrets", "redis"), this.redisPassword, { mode: 0o600 });
    fs.writeFileSync(path.join(this.folder, "haven.yaml"), this.configuration());
    execFileSync("chown", ["-R", `${this.user}:${this.user}`, this.folder]);
    const [initdb, args] = this.as(this.user, `${PG_BIN}/initdb`, ["-D", path.join(this.folder, "pg"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]);
    execFileSync(initdb, args, quiet);
    fs.appendFileSync(path.join(this.folder, "pg", "pg_hba.conf"), "host all all 10.231.77.0/30 trust\n");
    await this.startPostgres();
    this.sql("CREATE ROLE haven_owner NOLOGIN; CREATE ROLE haven_login LOGIN CREATEROLE; GRANT haven_owner TO haven_login;", "postgres");
    this.sql("CREATE DATABASE haven OWNER haven_owner;", "postgres");
    this.startRedis();
    await this.portOpen(this.address, 16379);
  }

  configuration() {
    return [
      "hub:",
      "  id: chaos",
      `  data_dir: ${this.folder}/files`,
      "postgres:",
      `  dsn: "${this.dsn}"`,
      "redis:",
      `  target: "${this.address}:16379"`,
      `  password_file: "${this.folder}/secrets/redis"`,
      "desk:",
      `  port: ${this.hubPort}`,
      `  chat_port: ${this.hubPort + 1}`,
      "grpc:",
      `  port: ${this.hubPort + 2}`,
      "admin:",
      `  port: ${this.hubPort + 3}`,
      "",
    ].join("\n");
  }

  /**
   * Until it accepts connections. The backends of a killed server hold its shared memory for a moment, and a new one refuses to start
   * beside them: whoever supervises it starts it again.
   */
  async startPostgres() {
    let server = this.spawnPostgres();
    for (let i = 0; i < 300; i++) {
      if (spawnSync(`${PG_BIN}/pg_isready`, ["-h", this.folder, "-p", "15432", "-U", "postgres", "-q"]).status === 0) return;
      await pause(100);
      if (server.gone) server = this.spawnPostgres();
    }
    throw new Error("PostgreSQL did not start: see " + this.logs);
  }
  spawnPostgres() {
    const [c, a] = this.as(this.user, `${PG_BIN}/postgres`, ["-D", path.join(this.folder, "pg"), "-c", `listen_addresses=${this.address}`, "-c", "port=15432", "-c", `unix_socket_directories=${this.folder}`, "-c", "max_connections=150", "-c", "restart_after_crash=off"]);
    return this.start("postgres", this.inside(c, a));
  }
  startRedis() {
    const args = ["--port", "16379", "--bind", this.address, "--requirepass", this.redisPassword, "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--dir", path.join(this.folder, "redis"), "--maxmemory-policy", "noeviction", "--protected-mode", "no"];
    const [c, a] = this.as(this.user, "redis-server", args);
    return this.start("redis", this.inside(c, a));
  }
  startHub() {
    const [c, a] = this.as(this.user, this.binary, ["serve", `--config=${this.folder}/haven.yaml`]);
    return this.start("hub", [c, a], this.faults ? { HAVEN_SEEDED_FAULT: this.faults } : {});
  }
  haven(...args) {
    const [c, a] = this.as(this.user, this.binary, args);
    const run = spawnSync(c, a, { ...quiet, cwd: this.folder, timeout: 60000, env: { PATH: process.env.PATH } });
    if (run.status !== 0) throw new Error(`haven ${args.join(" ")}: ${run.stderr}${run.stdout}`);
    return run.stdout.toString();
  }
  dropRedisData() {
    fs.rmSync(path.join(this.folder, "redis", "appendonlydir"), { recursive: true, force: true });
  }

  cutNetwork() {
    execFileSync("ip", ["link", "set", this.link, "down"]);
  }
  healNetwork() {
    execFileSync("ip", ["link", "set", this.link, "up"]);
  }

  /** Rows as arrays of text. As a superuser over the socket in `folder`, which no fault cuts. */
  sql(statement, database = "haven") {
    return rowsOf(execFileSync("psql", this.psql(statement, database), quiet).toString());
  }
  /** The same without holding up the population. */
  async query(statement) {
    return rowsOf((await promisify(execFile)("psql", this.psql(statement, "haven"), { timeout: 5000 })).stdout);
  }
  psql(statement, database) {
    return ["-h", this.folder, "-p", "15432", "-U", "postgres", "-d", database, "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", statement];
  }
  async portOpen(host, port, seconds = 30) {
    for (let i = 0; i < seconds * 10; i++) {
      const open = await new Promise((resolve) => {
        const socket = net.connect({ host, port, timeout: 500 });
        socket.on("connect", () => (socket.destroy(), resolve(true)));
        for (const bad of ["error", "timeout"]) socket.on(bad, () => (socket.destroy(), resolve(false)));
      });
      if (open) return;
      await pause(100);
    }
    throw new Error(`nothing listens on ${host}:${port}: see ${this.logs}`);
  }

  async stop() {
    for (const name of ["hub", "redis", "postgres"]) await this.kill(name);
  }
}
