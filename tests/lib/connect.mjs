// A small Connect client for test populations: unary calls and server streams with JSON bodies, as documented at connectrpc.com.

import http from "node:http";

/** Error of a call: `code` as in Connect ("unavailable"), `status` of HTTP, 0 when the connection failed. */
export class ConnectError extends Error {
  constructor(code, message, status, reason) {
    super(`${code}: ${message}`);
    this.code = code;
    this.status = status;
    this.reason = reason;
  }
  /** Nothing was acknowledged and the same call again may help. */
  get passing() {
    return this.status === 0 || ["unavailable", "resource_exhausted", "deadline_exceeded", "canceled"].includes(this.code);
  }
  /** No state of a healthy hub or of its stores explains this answer. */
  get bug() {
    return ["internal", "unknown", "data_loss", "unimplemented"].includes(this.code);
  }
}

function errorOf(body, status) {
  let parsed = {};
  try {
    parsed = JSON.parse(body);
  } catch {
    // A proxy's or a dying server's words.
  }
  const info = (parsed.details ?? []).find((d) => d.type === "google.rpc.ErrorInfo");
  return new ConnectError(parsed.code ?? (status >= 500 ? "unavailable" : "unknown"), parsed.message ?? `HTTP ${status}`, status, info?.debug?.reason);
}

/** One client of a hub: `token` is a bearer credential, `cookie` a session. */
export class Client {
  constructor(base, { token, cookie, timeoutMs = 8000, address } = {}) {
    this.base = new URL(base);
    this.token = token;
    this.cookie = cookie;
    this.timeoutMs = timeoutMs;
    // Populations hold many connections to one hub.
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    this.localAddress = address;
  }

  options(method, contentType, length) {
    const headers = { "content-type": contentType, "connect-protocol-version": "1", "content-length": length, "connect-timeout-ms": String(this.timeoutMs) };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (this.cookie) {
      headers.cookie = this.cookie;
      headers["x-haven-csrf"] = "1";
    }
    return { method: "POST", hostname: this.base.hostname, port: this.base.port, path: `/${method}`, headers, agent: this.agent, localAddress: this.localAddress };
  }

  /** Calls "haven.channels.v1.WebchatService/PostMessage"; resolves with the answer, rejects with ConnectError. */
  call(method, request = {}) {
    const body = Buffer.from(JSON.stringify(request));
    return new Promise((resolve, reject) => {
      const failed = (error) => reject(new ConnectError("unavailable", error.message, 0));
      const req = http.request({ ...this.options(method, "application/json", body.length), timeout: this.timeoutMs + 2000 }, (res) => {
        const parts = [];
        res.on("data", (part) => parts.push(part));
        res.on("error", failed);
        res.on("aborted", () => failed(new Error("connection lost")));
        res.on("end", () => {
          const text = Buffer.concat(parts).toString();
          if (res.statusCode !== 200) return reject(errorOf(text, res.statusCode));
          const cookies = res.headers["set-cookie"];
          if (cookies) this.cookie = cookies.map((c) => c.split(";")[0]).join("; ");
          resolve(text ? JSON.parse(text) : {});
        });
      });
      req.on("timeout", () => req.destroy(new Error("timed out")));
      req.on("error", failed);
      req.end(body);
    });
  }

  /** Opens a server stream. `onMessage` gets each answer; resolves when the server ended it in order, rejects otherwise. `stop()` ends it. */
  stream(method, request, onMessage) {
    const json = Buffer.from(JSON.stringify(request));
    const body = Buffer.alloc(5 + json.length);
    body.writeUInt32BE(json.length, 1);
    json.copy(body, 5);
    let req;
    const done = new Promise((resolve, reject) => {
      const failed = (error) => reject(new ConnectError("unavailable", error.message, 0));
      const options = this.options(method, "application/connect+json", body.length);
      delete options.headers["connect-timeout-ms"];
      req = http.request({ ...options, agent: false, timeout: 45000 }, (res) => {
        let rest = Buffer.alloc(0);
        res.on("data", (part) => {
          rest = rest.length ? Buffer.concat([rest, part]) : part;
          while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
            const size = rest.readUInt32BE(1);
            const text = rest.subarray(5, 5 + size).toString();
            const end = (rest[0] & 2) !== 0;
            rest = rest.subarray(5 + size);
            const value = JSON.parse(text || "{}");
            if (!end) onMessage(value);
            else if (value.error) reject(errorOf(JSON.stringify(value.error), 200));
            else resolve();
          }
        });
        res.on("error", failed);
        res.on("end", () => failed(new Error("stream cut")));
        res.on("aborted", () => failed(new Error("connection lost")));
        if (res.statusCode !== 200) failed(new Error(`HTTP ${res.statusCode}`));
      });
      req.on("timeout", () => req.destroy(new Error("silent for 45 s")));
      req.on("error", failed);
      req.end(body);
    });
    return { done, stop: () => req.destroy(new Error("stopped")) };
  }

  close() {
    this.agent.destroy();
  }
}
