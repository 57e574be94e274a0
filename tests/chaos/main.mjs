// One chaos run. Called by tests/chaos/run inside the hub's network namespace; prints one JSON object a line.
//   node main.mjs NAME FOLDER BINARY: NAME is faults (all of them in turn), or control-<seeded fault>.

import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, Visitor } from "../lib/population.mjs";
import { Stage } from "./stage.mjs";
import { checkAtRest, checkCoverage, checkMessages, checkOwners } from "./verify.mjs";

const [name, folder, binary] = process.argv.slice(2);
const control = name.startsWith("control-") ? name.slice(8) : "";
const VISITORS = 100;
const MESSAGES = 20;
const AGENTS = 12;
const OFFERED_WITHIN_S = 35;
const GRACE_S = 5;
const OFFER_S = 6;

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
    (u) => `  ${u}:\n    name: Agent ${u}\n    roles: [agent]\n    teams: [help]\n    skills: {en: 5, ar: 5}\n    capacity: {webchat: 3}\n    password: file:${u}\n`,
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
    stage.startPostgres();
  },
  async "redis killed, data lost"() {
    await stage.kill("redis");
    stage.dropRedisData();
    stage.startRedis();
  },
  async "network cut for 4 s"() {
    stage.cutNetwork();
    await pause(4000);
    stage.healNetwork();
  },
  async "postgres and hub killed"() {
    await Promise.all([stage.kill("postgres"), stage.kill("hub")]);
    stage.startPostgres();
    stage.startHub();
  },
};

/** Watches the ledger from GRACE_S after the last fault: a contact that waits while an agent is free is offered in time. */
async function watchOffers(agents, lastFault, stopped) {
  const waiting = new Map();
  let longest = 0;
  const findings = [];
  while (!stopped()) {
    await pause(1000);
    if (Date.now() < lastFault() + GRACE_S * 1000) {
      waiting.clear();
      continue;
    }
    let queued;
    try {
      queued = new Set(stage.sql("SELECT contact_id || ':' || epoch FROM routing.ledger WHERE state = 1").map((row) => row[0]));
    } catch {
      continue;
    }
    const someoneFree = agents.some((a) => a.free);
    for (const key of waiting.keys()) if (!queued.has(key) || !someoneFree) waiting.delete(key);
    for (const key of queued) {
      const since = waiting.get(key) ?? (someoneFree ? Date.now() : undefined);
      if (since === undefined) continue;
      waiting.set(key, since);
      const seconds = (Date.now() - since) / 1000;
      longest = Math.max(longest, seconds);
      if (seconds > OFFERED_WITHIN_S) findings.push(`contact ${key} waited ${seconds.toFixed(0)} s beside a free agent`);
    }
    if (findings.length) break;
  }
  return { longest, findings };
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
  let writersDone = false;
  let lastFault = Date.now();
  const limit = began + (control ? 60_000 : 300_000);
  const stopped = () => stop || Date.now() > limit;
  const agents = Object.entries(passwords).map(([u, p]) => new Agent(stage.base, u, p));
  const answering = agents.map((a) => a.run(stopped).catch((e) => note(`${a.username}: ${e.message}`)));
  const visitors = Array.from({ length: VISITORS }, (_, i) => new Visitor(i, stage.base, { messages: MESSAGES, pauseMs: control ? 400 : 2500 }));
  const writing = Promise.all(visitors.map((v) => pause(Math.random() * 3000).then(() => v.run(stopped)))).then(() => (writersDone = true));
  const offers = watchOffers(agents, () => lastFault, stopped);

  let faults = 0;
  const order = Object.keys(FAULTS);
  while (!stopped() && (!writersDone || faults < order.length)) {
    await pause(control ? 2500 : 7000);
    const fault = control ? (control === "ack_before_commit" ? ["hub killed", "postgres and hub killed"][faults % 2] : ["redis killed, data lost", "network cut for 4 s"][faults % 2]) : order[faults % order.length];
    await FAULTS[fault]();
    lastFault = Date.now();
    faults++;
    note(`${fault} (${visitors.reduce((n, v) => n + v.acknowledged.length, 0)} messages acknowledged)`);
    if (control && (await foundAlready(visitors, agents))) break;
  }
  await writing;
  note(`writing has ended after ${faults} faults`);
  // Until everything is answered, or a fault's effect is certain.
  for (let i = 0; i < 90 && !stopped(); i++) {
    await pause(1000);
    const open = await Promise.resolve().then(() => stage.sql("SELECT count(*) FROM channels.contact WHERE state = 1 AND owner <> 1")).catch(() => [["1"]]);
    if (open[0][0] === "0") break;
  }
  stop = true;
  await Promise.all(answering);
  const offered = await offers;
  const messages = await checkMessages(visitors).catch((e) => ({ findings: [`the conversations cannot be read: ${e.message}`], acknowledged: 0 }));
  await pause(2000);
  const findings = [...messages.findings, ...checkCoverage(stage), ...checkOwners(agents), ...checkAtRest(stage), ...offered.findings];
  print("messages_acknowledged", messages.acknowledged, "messages");
  print("violations", findings.length, "findings", control ? undefined : 0);
  print("longest_wait_beside_free_agent_s", offered.longest, "s", OFFERED_WITHIN_S);
  print("faults", faults, "faults");
  print("client_retries", visitors.reduce((n, v) => n + v.retries, 0), "calls");
  print("contacts_completed", agents.reduce((n, a) => n + a.completed, 0), "contacts");
  print("run_s", (Date.now() - began) / 1000, "s");
  for (const finding of findings.slice(0, 20)) note(finding);
  if (control) return findings.length > 0 ? 0 : (note("the seeded fault was not noticed"), 1);
  if (messages.acknowledged < VISITORS * MESSAGES) note(`only ${messages.acknowledged} of ${VISITORS * MESSAGES} messages were written in time`);
  return findings.length === 0 && messages.acknowledged >= VISITORS * MESSAGES ? 0 : 1;
}

/** In a control run: is there a violation already? */
async function foundAlready(visitors, agents) {
  if (checkOwners(agents).length) return true;
  await pause(1500);
  const messages = await checkMessages(visitors).catch(() => ({ findings: [] }));
  return messages.findings.length > 0;
}

main()
  .then((code) => stage.stop().then(() => process.exit(code)))
  .catch(async (error) => {
    note(error.stack);
    await stage.stop();
    process.exit(1);
  });
