// One chaos run. Called by tests/chaos/run inside the hub's network namespace; prints one JSON object a line.
//   node main.mjs NAME FOLDER BINARY: NAME is faults (all of them in turn), or control-<seeded fault>.

import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, Visitor } from "../lib/population.mjs";
import { Stage } from "./stage.mjs";
import { checkAnswers, checkAtRest, checkCoverage, checkMessages, checkOwners, Waiting } from "./verify.mjs";

const [name, folder, binary] = process.argv.slice(2);
const control = name.startsWith("control-") ? name.slice(8) : "";
const VISITORS = 100;
const MESSAGES = 20;
// So many of them each person writes only after the last fault, so that waiting can be judged.
const AFTERWARDS = 5;
const AGENTS = 15;
const CAPACITY = 4;
const OFFERED_WITHIN_S = 35;
const GRACE_S = 5;
const OFFER_S = 6;
// Offers that are answered after they lapsed.
const LATE_SHARE = 0.05;
// All faults in turn, so often.
const ROUNDS = 2;
const WITHIN_S = control ? 60 : 380;

const print = (metric, value, unit, reference) =>
  console.log(JSON.stringify({ bench: "chaos", case: name, metric, value, unit, ...(reference === undefined ? {} : { reference, ratio: reference ? value / reference : value }) }));
const note = (text) => process.stderr.write(`[chaos ${name}] ${text}\n`);

const stage = new Stage({
  folder,
  binary,
  namespace: process.env.HAVEN_CHAOS_STORES,
  address: "10.231.77.2",
  user: process.env.HAVEN_CHAOS_USER,
  link: process.env.HAVEN_CHAOS_LINK,
  faults: control,
});

function hubYaml(usernames) {
  const users = usernames.map(
    (u) => `  ${u}:\n    name: Agent ${u}\n    roles: [agent]\n    teams: [help]\n    skills: {en: 5, ar: 5}\n    capacity: {webchat: ${CAPACITY}}\n    password: file:${u}\n`,
  );
  return `name: Chaos
time_zone: Asia/Beirut
languages: [en, ar]
default_queue: help
quick_exit_url: https://www.example.org/
privacy: {en: Read by the team., ar: يقرؤها الفريق.}
queues:
  help: {name: Help, offer_time: ${OFFER_S}s, wrap_up_time: 10s, match_language: true}
subjects:
  help: {titles: {en: Help, ar: مساعدة}, queue: help}
teams:
  help: {name: Help, queues: [help]}
channels:
  web: {kind: webchat, name: Web, flow: welcome}
dispositions:
  helped: {titles: {en: Helped, ar: تمت المساعدة}}
users:
${users.join("")}`;
}

const FAULTS = {
  async "hub killed"() {
    await stage.kill("hub");
    stage.startHub();
  },
  async "redis killed, data kept"() {
    await stage.kill("redis");
    stage.startRedis();
  },
  async "postgres killed"() {
    await stage.kill("postgres");
    await stage.startPostgres();
  },
  async "redis killed, data lost"() {
    await stage.kill("redis");
    stage.dropRedisData();
    stage.startRedis();
  },
  // Connections outlive the short cut and time out in the long one.
  "network cut for 4 s": () => cutFor(4000),
  async "postgres and hub killed"() {
    await Promise.all([stage.kill("postgres"), stage.kill("hub")]);
    stage.startHub();
    await stage.startPostgres();
  },
  "network cut for 12 s": () => cutFor(12_000),
  async "redis and hub killed, data lost"() {
    await Promise.all([stage.kill("redis"), stage.kill("hub")]);
    stage.dropRedisData();
    stage.startRedis();
    stage.startHub();
  },
};
async function cutFor(ms) {
  stage.cutNetwork();
  await pause(ms);
  stage.healNetwork();
}
function shuffled(items) {
  return items.map((item) => [Math.random(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
}
const ORDER = {
  // In the order above, then in any.
  faults: Array.from({ length: ROUNDS }, (_, round) => (round ? shuffled(Object.keys(FAULTS)) : Object.keys(FAULTS))).flat(),
  "control-ack_before_commit": Array.from({ length: 10 }, () => ["hub killed", "postgres and hub killed"]).flat(),
  // Lapsed offers that are answered all the same need no other fault.
  "control-accept_without_epoch": [],
}[name];
if (!ORDER) throw new Error(`no run is called ${name}`);

// People write in bursts: half of the pauses are short, so that one contact sees several messages, some in the moment of its completion.
const writerPause = () => (control === "ack_before_commit" ? 250 + Math.random() * 500 : Math.random() < 0.5 ? 300 + Math.random() * 2200 : 4000 + Math.random() * 17_000);

/** Looks twice a second from GRACE_S after the last fault. */
async function watchOffers(waiting, settled, stopped) {
  while (!stopped()) {
    await pause(500);
    const queued = settled() && (await stage.query("SELECT contact_id, epoch, extract(epoch FROM enqueued_time) FROM routing.ledger WHERE state = 1").catch(() => undefined));
    if (queued && settled()) waiting.look(queued, Date.now());
    else waiting.clear();
  }
}

async function main() {
  const began = Date.now();
  const passwords = Object.fromEntries(Array.from({ length: AGENTS }, (_, i) => [`agent${i}`, randomBytes(12).toString("hex")]));
  await stage.prepare(hubYaml(Object.keys(passwords)), passwords);
  stage.haven("migrate", `--config=${folder}/haven.yaml`);
  stage.startHub();
  await stage.portOpen("127.0.0.1", stage.hubPort);
  stage.haven("apply", "-f", `${folder}/hub.yaml`, `--config=${folder}/haven.yaml`);
  note("hub is up");

  let stop = false;
  let faulting = false;
  let faultsLeft = ORDER.length;
  let lastFault = Date.now();
  const stopped = () => stop || Date.now() > began + WITHIN_S * 1000;
  // Everybody has an address: a hub bounds what one of them may ask.
  const agents = Object.entries(passwords).map(([u, p], i) => new Agent(stage.base, u, p, { capacity: CAPACITY, lateShare: LATE_SHARE, address: `127.20.0.${i + 1}` }));
  const answering = agents.map((a) => a.run(stopped));
  const visitors = Array.from({ length: VISITORS }, (_, i) => new Visitor(i, stage.base, { messages: MESSAGES, pauseMs: writerPause, mayWrite: (n) => control || n < MESSAGES - AFTERWARDS || !faultsLeft, address: `127.10.0.${i + 1}` }));
  const writing = Promise.all(visitors.map((v) => pause(Math.random() * 3000).then(() => v.run(stopped))));
  const waiting = new Waiting(agents, OFFERED_WITHIN_S);
  const watching = watchOffers(waiting, () => !faulting && Date.now() > lastFault + GRACE_S * 1000, stopped);

  let faults = 0;
  for (const fault of ORDER) {
    await pause(control ? 3000 : 3000 + Math.random() * 4000);
    if (stopped()) break;
    faulting = true;
    await FAULTS[fault]();
    lastFault = Date.now();
    faulting = false;
    faults++;
    faultsLeft--;
    note(`${fault} (${visitors.reduce((n, v) => n + v.acknowledged.length, 0)} messages acknowledged)`);
    if (control && (await violated(visitors, agents))) stop = true;
  }
  while (control && !stopped()) {
    await pause(500);
    if (checkOwners(agents).length) stop = true;
  }
  await writing;
  note(`writing has ended after ${faults} faults`);
  // Until everybody is answered and whoever waited after the last fault has been judged.
  const rest = Date.now() + (OFFERED_WITHIN_S + 25) * 1000;
  while (!stopped() && Date.now() < rest) {
    await pause(1000);
    const open = await stage.query("SELECT count(*) FROM channels.contact WHERE state = 1 AND owner <> 1").catch(() => [["1"]]);
    if (open[0][0] === "0" && Date.now() > lastFault + (GRACE_S + OFFERED_WITHIN_S) * 1000) break;
  }
  // The last completions are handed over in the moment after the agents have gone.
  stop = true;
  await Promise.all([...answering, watching]);
  const messages = await checkMessages(visitors, agents).catch((e) => ({ findings: [`the conversations cannot be read: ${e.message}`], acknowledged: 0 }));
  const findings = [...messages.findings, ...checkAnswers(visitors, agents), ...checkOwners(agents), ...waiting.findings, ...(await atRest())];
  print("messages_acknowledged", messages.acknowledged, "messages");
  print("violations", findings.length, "findings", control ? undefined : 0);
  print("longest_wait_beside_free_agent_s", waiting.longest, "s", OFFERED_WITHIN_S);
  print("contacts_judged", waiting.judged.size, "contacts");
  print("faults", faults, "faults");
  print("client_retries", visitors.reduce((n, v) => n + v.retries, 0), "calls");
  print("contacts_completed", agents.reduce((n, a) => n + a.completed, 0), "contacts");
  print("late_accepts", agents.reduce((n, a) => n + a.late.answered, 0), "accepts");
  print("late_accepts_refused", agents.reduce((n, a) => n + a.late.refused, 0), "accepts");
  print("run_s", (Date.now() - began) / 1000, "s");
  for (const finding of findings.slice(0, 20)) note(finding);
  if (control) return findings.some(EXPECTED[control]) ? 0 : (note("the seeded fault was not noticed"), 1);
  if (messages.acknowledged < VISITORS * MESSAGES) note(`only ${messages.acknowledged} of ${VISITORS * MESSAGES} messages were written in time`);
  if (!waiting.judged.size) note("nobody was seen waiting: nothing is proven");
  return findings.length === 0 && messages.acknowledged >= VISITORS * MESSAGES && waiting.judged.size > 0 ? 0 : 1;
}

// A control is noticed by the promise that its fault breaks, not by any accident.
const EXPECTED = {
  ack_before_commit: (finding) => finding.includes("an acknowledged message is there 0 times"),
  accept_without_epoch: (finding) => finding.includes("two owners"),
};

/** What is in the stores once nothing is under way any more, or after 10 s. */
async function atRest() {
  let findings = [];
  for (let i = 0; i < 20; i++) {
    findings = [...checkCoverage(stage), ...checkAtRest(stage)];
    if (!findings.length || control) break;
    await pause(500);
  }
  return findings;
}

/** In a control run: is there a violation already? What was told a moment ago has a moment to arrive. */
async function violated(visitors, agents) {
  const before = visitors.map((v) => ({ number: v.number, conversationId: v.conversationId, acknowledged: [...v.acknowledged], history: () => v.history() }));
  for (let i = 0; i < 10; i++) {
    await pause(1500);
    const found = await checkMessages(before, []).catch(() => undefined);
    if (found) return found.findings.length > 0;
  }
  return false;
}

main()
  .then((code) => stage.stop().then(() => process.exit(code)))
  .catch(async (error) => {
    note(error.stack);
    await stage.stop();
    process.exit(1);
  });
