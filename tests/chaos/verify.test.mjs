// The judge of the chaos runs finds what it is for, and nothing where nothing is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMessages, checkOwners, Waiting } from "./verify.mjs";

const agent = (facts = {}) => ({ username: "amal", free: false, offers: [], accepted: [], shown: new Set(), replies: [], ...facts });
const person = (text, id, sequence) => ({ id, sequence: String(sequence), authorKind: "AUTHOR_KIND_PERSON", text });
const visitor = (history, acknowledged) => ({ number: 1, conversationId: "v", acknowledged, history: async () => history });
const messages = async (history, acknowledged, agents = []) => (await checkMessages([visitor(history, acknowledged)], agents)).findings;
const row = (contact, enqueued, epoch = 2) => [contact, String(epoch), String(enqueued)];

/** Looks every half second until `seconds`; what `queued` tells is in the queue. */
function watch(agents, seconds, queued, at = () => {}) {
  const waiting = new Waiting(agents, 35);
  for (let now = 0; now <= seconds * 1000; now += 500) {
    at(now / 1000);
    waiting.look(queued(now / 1000), 1_000_000 + now);
  }
  return waiting.findings;
}
const offer = (to, contactId, now) => to.offers.push({ contactId, at: 1_000_000 + now * 1000, until: 1_000_000 + now * 1000 + 6000 });

test("an acknowledged message that is there once is no finding", async () => {
  assert.deepEqual(await messages([person("message 1-0", "a", 1)], [{ id: "a", sequence: 1 }]), []);
});
test("an acknowledged message that is missing, twice or elsewhere is found", async () => {
  assert.match((await messages([], [{ id: "a", sequence: 1 }]))[0], /is there 0 times/);
  assert.match((await messages([person("message 1-0", "a", 1), person("message 1-1", "a", 2)], [{ id: "a", sequence: 1 }]))[0], /is there 2 times/);
  assert.match((await messages([person("message 1-0", "a", 2)], [{ id: "a", sequence: 1 }]))[0], /changed its place/);
});
test("a lost reply and a message written twice are found", async () => {
  assert.match((await messages([], [], [agent({ replies: [{ conversationId: "v", id: "r", sequence: 4 }] })]))[0], /is there 0 times/);
  assert.match((await messages([person("message 1-0", "a", 1), person("message 1-0", "b", 2)], []))[0], /second message/);
});

test("owners one after the other are no finding", () => {
  const a = agent({ accepted: [{ contactId: "c", epoch: 3 }], shown: new Set(["c:3"]), replies: [{ contactId: "c", epoch: 3, sequence: 5 }] });
  const b = agent({ username: "rami", accepted: [{ contactId: "c", epoch: 5 }], shown: new Set(["c:5"]), replies: [{ contactId: "c", epoch: 5, sequence: 7 }] });
  assert.deepEqual(checkOwners([a, b]), []);
});
test("one epoch with two agents is found, accepted or shown", () => {
  const a = agent({ accepted: [{ contactId: "c", epoch: 3 }] });
  assert.match(checkOwners([a, agent({ username: "rami", accepted: [{ contactId: "c", epoch: 3 }] })])[0], /two owners/);
  assert.match(checkOwners([a, agent({ username: "rami", shown: new Set(["c:3"]) })])[0], /two owners/);
});
test("an earlier owner who is still heard is found", () => {
  const a = agent({ replies: [{ contactId: "c", epoch: 3, sequence: 8 }] });
  const b = agent({ username: "rami", replies: [{ contactId: "c", epoch: 5, sequence: 7 }] });
  assert.match(checkOwners([a, b])[0], /epoch 3 after one of epoch 5/);
});

test("waiting while nobody is free is no finding", () => {
  assert.deepEqual(watch([agent()], 120, () => [row("c", 1)]), []);
});
test("waiting beside a free agent is found after 35 s, not before", () => {
  assert.deepEqual(watch([agent({ free: true })], 35, () => [row("c", 1)]), []);
  assert.match(watch([agent({ free: true })], 36, () => [row("c", 1)])[0], /beside a free agent/);
});
test("an offer begins the wait anew once it has lapsed", () => {
  const a = agent({ free: true });
  const offered = (until) => watch([a], until, () => [row("c", 1)], (now) => now === 30 && offer(a, "c", now));
  assert.deepEqual(offered(70), []);
  assert.match(offered(73)[0], /beside a free agent/);
});
test("one that is passed over while others are offered is found though nobody stays free", () => {
  const a = agent();
  const passing = (now) => now > 0 && Number.isInteger(now / 5) && offer(a, `late${now}`, now);
  const queued = (now) => [row("c", 1), ...[5, 10, 15, 20, 25, 30, 35, 40, 45].filter((at) => at > now).map((at) => row(`late${at}`, 2))];
  assert.match(watch([a], 45, queued, passing)[0], /while later ones were offered/);
});
test("being behind others who came before is no finding", () => {
  const a = agent();
  const passing = (now) => now > 0 && Number.isInteger(now / 5) && offer(a, `early${now}`, now);
  const queued = (now) => [row("c", 9), ...[5, 10, 15, 20, 25, 30, 35, 40, 45].filter((at) => at > now).map((at) => row(`early${at}`, 2))];
  assert.deepEqual(watch([a], 60, queued, passing), []);
});
