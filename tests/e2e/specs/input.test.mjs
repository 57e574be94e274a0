// What comes from outside and should not: each gets a clear answer and changes nothing. No browser, the hub's own doors.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import http from "node:http";
import { after, before, test } from "node:test";
import { Client } from "../../lib/connect.mjs";
import { CHAT, DESK, PASSWORD } from "../lib/world.mjs";

const WEBCHAT = "haven.channels.v1.WebchatService";
const CONVERSATION = "haven.channels.v1.ConversationService";
const ROUTING = "haven.routing.v1.RoutingService";

/** One HTTP request as it is given; resolves with status, headers and body. */
function raw(base, path, { method = "POST", headers = {}, body = "", localAddress, agent } = {}) {
  const url = new URL(base);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname: "127.0.0.1", port: url.port, path, method, localAddress, agent, headers: { host: url.host, ...headers } }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}
const json = { "content-type": "application/json" };
const reasonOf = (answer) => JSON.parse(answer.body).details?.find((d) => d.type === "google.rpc.ErrorInfo")?.debug?.reason;

async function chat() {
  const client = new Client(CHAT);
  const opened = await client.call(`${WEBCHAT}/StartChat`, { requestId: randomUUID(), language: "en" });
  client.token = opened.visitorToken;
  return { client, conversation: opened.conversationId };
}
async function staff(name) {
  const client = new Client(DESK);
  const { user } = await client.call("haven.directory.v1.IdentityService/SignIn", { username: name, password: PASSWORD });
  return { client, user };
}
async function refused(call, code, reason) {
  await assert.rejects(call, (error) => {
    assert.equal(error.code, code, error.message);
    if (reason) assert.equal(error.reason, reason);
    return true;
  });
}

let visitor;
const clients = [];
before(async () => {
  visitor = await chat();
});
after(() => [visitor.client, ...clients].forEach((client) => client.close()));
const said = async (who) => (await who.client.call(`${WEBCHAT}/ListChatMessages`, {})).messages.filter((m) => m.authorKind === "AUTHOR_KIND_PERSON").length;
const post = (body, headers = {}) => raw(CHAT, `/${WEBCHAT}/PostMessage`, { headers: { ...json, authorization: `Bearer ${visitor.client.token}`, ...headers }, body });

test("malformed JSON, an unknown field and a wrong enum are told apart from good ones and change nothing", async () => {
  for (const body of ['{"text":', "[]", '"text"', '{"text":"a","text', "\u0000", '{"text": 1e999}', "{".repeat(5000)]) {
    const answer = await post(body);
    assert.equal(answer.status, 400, body.slice(0, 20));
    assert.equal(reasonOf(answer), "REASON_MALFORMED_BODY");
  }
  const unknown = await post(JSON.stringify({ requestId: randomUUID(), text: "a", colour: "red" }));
  assert.equal(unknown.status, 400);
  assert.match(JSON.parse(unknown.body).message, /colour/);
  const { client } = await staff("grace");
  clients.push(client);
  await refused(client.call(`${ROUTING}/SetActivity`, { activity: "ACTIVITY_DANCING" }), "invalid_argument");
  assert.equal(await said(visitor), 0);
});

test("a wrong content type is 415, what is too large 413, a long header 431, another method 405", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/connect+json", ""]) {
    assert.equal((await post("{}", { "content-type": type })).status, 415, type);
  }
  assert.equal((await post("x".repeat(2 << 20))).status, 413);
  assert.equal((await post("{}", { "x-long": "y".repeat(40_000) })).status, 431);
  for (const method of ["GET", "PUT", "DELETE"]) assert.equal((await raw(CHAT, `/${WEBCHAT}/PostMessage`, { method })).status, 405, method);
  assert.equal((await raw(CHAT, "/haven.internal.routing.v1.QueueService/Enqueue", { headers: json, body: "{}" })).status, 404, "internal methods have no door");
  assert.equal((await raw(CHAT, "/haven.directory.v1.IdentityService/SignIn", { headers: json, body: "{}" })).status, 404, "nor has sign-in at the visitors' door");
});

test("a field out of its bounds is named", async () => {
  const long = await post(JSON.stringify({ requestId: randomUUID(), text: "x".repeat(4001) }));
  assert.equal(long.status, 400);
  assert.match(JSON.parse(long.body).message, /text/);
  for (const text of ["", "   ", "\u0001", "\u2028".repeat(3)]) assert.equal((await post(JSON.stringify({ requestId: randomUUID(), text }))).status, 400, JSON.stringify(text));
  assert.equal((await post('{"requestId":"1","text":"a"}')).status, 400);
  assert.equal(await said(visitor), 0);
});

test("a forged, foreign or ended token opens nothing", async () => {
  const other = await chat();
  clients.push(other.client);
  const forged = [`hvv_${"A".repeat(43)}`, visitor.client.token.slice(0, -1), `${visitor.client.token}A`, "hvk_x", "eyJhbGciOiJub25lIn0.e30.", "v4.public.AAAA"];
  for (const token of forged) {
    const client = new Client(CHAT, { token });
    clients.push(client);
    await refused(client.call(`${WEBCHAT}/ListChatMessages`, {}), "unauthenticated");
  }
  // A visitor's token is no key to the desk, and opens its own conversation only.
  const atDesk = new Client(DESK, { token: visitor.client.token });
  clients.push(atDesk);
  for (const method of ["GetConversation", "ListMessages"]) await assert.rejects(atDesk.call(`${CONVERSATION}/${method}`, { conversationId: other.conversation }), (e) => ["permission_denied", "unauthenticated"].includes(e.code));
  const seen = await visitor.client.call(`${WEBCHAT}/ListChatMessages`, {});
  assert.ok(seen.messages.every((m) => m.conversationId === visitor.conversation));
});

test("an agent finds nothing of conversations that are not theirs, as if there were none", async () => {
  const { client } = await staff("sami");
  clients.push(client);
  await refused(client.call(`${CONVERSATION}/ListMessages`, { conversationId: visitor.conversation }), "not_found");
  await refused(client.call(`${CONVERSATION}/ListMessages`, { conversationId: randomUUID() }), "not_found");
  await refused(client.call(`${CONVERSATION}/AddNote`, { conversationId: visitor.conversation, text: "x", requestId: randomUUID() }), "not_found");
  await refused(client.call(`${ROUTING}/AcceptReservation`, { reservationId: `${randomUUID()}:2:1` }), "aborted");
});

test("a session's cookie works from its own pages alone", async () => {
  const { client } = await staff("paul");
  clients.push(client);
  const call = (headers) => raw(DESK, `/${ROUTING}/GetAgentState`, { headers: { ...json, cookie: client.cookie, ...headers }, body: "{}" });
  assert.equal((await call({})).status, 403, "without the header that pages of others cannot send");
  assert.equal((await call({ "x-haven-csrf": "1", origin: "https://evil.example" })).status, 403);
  assert.equal((await call({ "x-haven-csrf": "1", "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal((await call({ "x-haven-csrf": "1" })).status, 200);
  assert.equal((await raw(DESK, `/${ROUTING}/GetAgentState`, { headers: json, body: "{}" })).status, 401);
});

test("a wrong password and an unknown name get one answer, and guessing is slowed down", async () => {
  const answers = [];
  for (const username of ["grace-x", "rana"]) {
    await new Client(DESK).call("haven.directory.v1.IdentityService/SignIn", { username, password: "wrong" }).catch((error) => answers.push(`${error.code} ${error.message}`));
  }
  assert.equal(answers[0], answers[1]);
  let slowed;
  for (let i = 0; i < 12 && !slowed; i++) {
    await new Client(DESK).call("haven.directory.v1.IdentityService/SignIn", { username: "nobody-at-all", password: "wrong" }).catch((error) => (slowed = error.code === "resource_exhausted" ? error : undefined));
  }
  assert.ok(slowed, "the twelfth wrong password is made to wait");
});

test("ten thousand chats from one address: few begin, the rest are told when to come back, others are served", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const counts = {};
  let wait;
  let next = 0;
  const one = async () => {
    while (next++ < 10_000) {
      const answer = await raw(CHAT, `/${WEBCHAT}/StartChat`, { headers: json, body: JSON.stringify({ requestId: randomUUID(), language: "en" }), localAddress: "127.0.0.9", agent });
      counts[answer.status] = (counts[answer.status] ?? 0) + 1;
      if (answer.status === 429) wait = answer.headers["retry-after"];
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
  agent.destroy();
  assert.deepEqual(Object.keys(counts).sort(), ["200", "429"], JSON.stringify(counts));
  assert.ok(counts[200] <= 1000, `${counts[200]} chats began`);
  assert.ok(Number(wait) >= 1, "with the seconds to wait");
  const another = await chat();
  clients.push(another.client);
  assert.ok(another.conversation);
});
