// Stand-in people for chaos, load and benchmarks: visitors who write and agents who answer, through the public API alone. What they
// were told is the ledger of truth.

import { createHash, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./connect.mjs";

const WEBCHAT = "haven.channels.v1.WebchatService";
const CONVERSATION = "haven.channels.v1.ConversationService";
const ROUTING = "haven.routing.v1.RoutingService";
const IDENTITY = "haven.directory.v1.IdentityService";

/** Repeats `attempt` while its failure may pass, with the same request; undefined once `stopped()`. */
export async function untilTold(attempt, stopped, onRetry = () => {}) {
  for (let wait = 50; !stopped(); wait = Math.min(wait * 1.7, 1500)) {
    try {
      return await attempt();
    } catch (error) {
      if (!error.passing) throw error;
      onRetry(error);
      await pause(wait * (0.5 + Math.random()));
    }
  }
  return undefined;
}

/** A pause that ends early with the run. */
async function unlessStopped(ms, stopped) {
  for (const until = Date.now() + ms; Date.now() < until && !stopped(); ) await pause(Math.min(250, until - Date.now()));
}

/** A number from 0 to 1 that is the same whenever the text is. */
function shareOf(text) {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * A person in need: opens a chat, answers the flow's questions, writes `messages` messages, one after the other, `pauseMs()` apart,
 * the one numbered i not before `mayWrite(i)`.
 * `address` is where it comes from: a hub limits how much one address may ask.
 */
export class Visitor {
  constructor(number, base, { messages, pauseMs = () => 200, mayWrite = () => true, address }) {
    this.number = number;
    this.toWrite = messages;
    this.pauseMs = pauseMs;
    this.mayWrite = mayWrite;
    this.acknowledged = []; // {requestId, id, sequence, text}
    this.conversationId = "";
    this.client = new Client(base, { address });
    this.retries = 0;
    this.refused = [];
    this.inFlow = true;
  }

  async run(stopped) {
    const retry = () => this.retries++;
    const start = { requestId: randomUUID(), language: this.number % 3 ? "en" : "ar" };
    const opened = await untilTold(() => this.client.call(`${WEBCHAT}/StartChat`, start), stopped, retry).catch((error) => this.refused.push(error) && undefined);
    if (!opened) return;
    this.client.token = opened.visitorToken;
    this.conversationId = opened.conversationId;
    for (let i = 0; i < this.toWrite && !stopped(); i++) {
      while (!this.mayWrite(i) && !stopped()) await pause(100);
      const choice = await this.choiceOffered(stopped);
      const request = { requestId: randomUUID(), text: choice ? choice.title : `message ${this.number}-${i}`, choiceId: choice?.id ?? "" };
      const sent = performance.now();
      const answer = await untilTold(() => this.client.call(`${WEBCHAT}/PostMessage`, request), stopped, retry).catch((error) => {
        this.refused.push(error);
      });
      if (answer) {
        this.acknowledged.push({ requestId: request.requestId, id: answer.message.id, sequence: Number(answer.message.sequence), text: request.text, tookMs: performance.now() - sent });
      }
      await unlessStopped(this.pauseMs(), stopped);
    }
  }

  /** What the flow asks: a person reads before writing. Nothing once somebody answers, or when no question comes within a second. */
  async choiceOffered(stopped) {
    for (let i = 0; this.inFlow && i < 10 && !stopped(); i++) {
      const page = await this.client.call(`${WEBCHAT}/ListChatMessages`, { pageSize: 200 }).catch(() => undefined);
      const messages = page?.messages ?? [];
      if (messages.some((m) => m.authorKind === "AUTHOR_KIND_AGENT" || m.event === "CONVERSATION_EVENT_QUEUED")) this.inFlow = false;
      else if (messages.at(-1)?.choices?.length) return messages.at(-1).choices[0];
      else await pause(100);
    }
    return undefined;
  }

  /** All messages of the conversation as the person can read them. */
  async history() {
    const all = [];
    for (let after = 0; ; ) {
      const page = await this.client.call(`${WEBCHAT}/ListChatMessages`, { afterSequence: String(after), pageSize: 200 });
      all.push(...(page.messages ?? []));
      if (!page.hasMore) return all;
      after = Number(all.at(-1).sequence);
    }
  }
}

/**
 * Somebody who answers: keeps a feed open, accepts what is offered, replies once to each message seen, completes when the person is
 * silent. `lateShare` of the offers, told by the offer's id, is answered only after the offer has lapsed, as by a distracted person.
 */
export class Agent {
  constructor(base, username, password, { replyMs = 100, silentMs = 2500, capacity = 1, lateShare = 0, address } = {}) {
    Object.assign(this, { base, username, password, replyMs, silentMs, capacity, lateShare, address });
    this.cursor = "";
    this.id = "";
    this.contacts = new Map(); // contactId -> {conversationId, epoch, state, seen, heard, answered, lastHeard}
    this.reservations = new Set();
    this.accepted = []; // {contactId, epoch, at}: told by the hub that it is ours
    this.shown = new Set(); // "contactId:epoch" of assignments in the feed
    this.replies = []; // {conversationId, contactId, epoch, id, sequence}
    this.offers = []; // {contactId, at, until}
    this.completed = 0;
    this.late = { answered: 0, refused: 0 };
    this.refused = [];
    this.answering = new Set();
    this.connected = false;
    this.available = false;
  }

  /** By all that the hub has told: it could be offered a contact now. */
  get free() {
    return this.connected && this.available && this.contacts.size + this.reservations.size < this.capacity;
  }

  async run(stopped) {
    this.stopped = stopped;
    await untilTold(() => this.signIn(), stopped);
    if (stopped()) return;
    await this.becomeAvailable();
    await Promise.all([this.feed(stopped), this.work(stopped)]);
  }

  async signIn() {
    this.client?.close();
    this.client = new Client(this.base, { timeoutMs: 6000, address: this.address });
    const answer = await this.client.call(`${IDENTITY}/SignIn`, { username: this.username, password: this.password });
    this.id = answer.user.id;
  }

  /** As by hand: at the beginning and whenever the desk shows another activity. */
  async becomeAvailable() {
    if (this.changing) return;
    this.changing = true;
    const answer = await untilTold(() => this.client.call(`${ROUTING}/SetActivity`, { activity: "ACTIVITY_AVAILABLE" }), this.stopped).catch((error) => this.wonder(error));
    this.changing = false;
    if (answer) this.available = true;
  }

  wonder(error) {
    if (error.bug || error.code === "invalid_argument") this.refused.push(error);
  }

  async feed(stopped) {
    while (!stopped()) {
      const stream = this.client.stream("haven.desk.v1.FeedService/Watch", { cursor: this.cursor }, (item) => this.onItem(item));
      const watch = setInterval(() => stopped() && stream.stop(), 200);
      await stream.done.catch(async (error) => {
        this.wonder(error);
        if (error.code === "unauthenticated") await this.signIn().catch(() => {});
      });
      clearInterval(watch);
      this.connected = false;
      await pause(150 + Math.random() * 300);
    }
  }

  onItem(item) {
    this.cursor = item.cursor ?? this.cursor;
    this.connected = true;
    if (item.reset) this.contacts.clear();
    const news = item.snapshot ?? item.update;
    if (!news) return;
    if (news.agent) this.onState(news.agent);
    for (const offer of news.offers ?? []) this.accept(offer.reservation);
    for (const view of news.contacts ?? []) for (const m of view.messages ?? []) this.hear(m);
    for (const m of news.messages ?? []) this.hear(m);
  }

  onState(state) {
    this.reservations = new Set((state.reservations ?? []).map((r) => r.id));
    const held = new Map((state.assignments ?? []).map((a) => [a.contactId, a]));
    for (const id of this.contacts.keys()) if (!held.has(id)) this.contacts.delete(id);
    for (const a of held.values()) {
      const known = this.contacts.get(a.contactId) ?? { conversationId: a.conversationId, seen: 0, heard: 0, answered: 0, lastHeard: Date.now() };
      known.epoch = Number(a.epoch);
      known.state = a.state;
      this.contacts.set(a.contactId, known);
      this.shown.add(`${a.contactId}:${a.epoch}`);
    }
    if (state.activity !== "ACTIVITY_AVAILABLE") {
      this.available = false;
      this.becomeAvailable();
    }
  }

  hear(message) {
    for (const known of this.contacts.values()) {
      if (known.conversationId !== message.conversationId) continue;
      known.seen = Math.max(known.seen, Number(message.sequence));
      if (message.authorKind === "AUTHOR_KIND_PERSON") {
        known.lastHeard = Date.now();
        known.heard = Math.max(known.heard, Number(message.sequence));
      }
    }
  }

  /** Repeated with the same id while no answer comes, as a desk does; a lost race is an answer. */
  async accept(reservation) {
    if (this.answering.has(reservation.id)) return;
    this.answering.add(reservation.id);
    const until = Date.parse(reservation.deadlineTime);
    this.offers.push({ contactId: reservation.contactId, at: Date.now(), until });
    const late = shareOf(reservation.id) < this.lateShare;
    if (late) {
      await pause(until - Date.now() + 1000);
      this.late.answered++;
    }
    const given = () => this.stopped() || Date.now() > until + 20_000;
    try {
      const told = await untilTold(() => this.client.call(`${ROUTING}/AcceptReservation`, { reservationId: reservation.id }), given);
      if (told) this.accepted.push({ contactId: told.assignment.contactId, epoch: Number(told.assignment.epoch), at: Date.now() });
    } catch (error) {
      this.wonder(error);
      if (late && error.code === "aborted") this.late.refused++;
    }
  }

  async work(stopped) {
    while (!stopped()) {
      await pause(this.replyMs);
      await Promise.all([...this.contacts].map(([contactId, known]) => this.attend(contactId, known).catch((error) => this.wonder(error))));
    }
  }

  async attend(contactId, known) {
    const epoch = known.epoch;
    if (known.state !== "ASSIGNMENT_STATE_ASSIGNED") {
      known.finishing ??= randomUUID();
      await this.client.call(`${ROUTING}/FinishWrapUp`, { contactId, disposition: "helped", requestId: known.finishing });
    } else if (known.heard > known.answered) {
      const upTo = known.heard;
      // Another epoch or another text is another reply.
      if (known.reply?.epoch !== epoch || known.reply?.upTo !== upTo) known.reply = { epoch, upTo, requestId: randomUUID() };
      const reply = { conversationId: known.conversationId, contactId, epoch: String(epoch), text: `reply to ${upTo}`, requestId: known.reply.requestId };
      const { message } = await this.client.call(`${CONVERSATION}/SendMessage`, reply);
      this.replies.push({ conversationId: known.conversationId, contactId, epoch, id: message.id, sequence: Number(message.sequence) });
      known.answered = Math.max(known.answered, upTo);
    } else if (Date.now() - known.lastHeard > this.silentMs && known.seen > 0) {
      if (known.completing?.epoch !== epoch || known.completing?.seen !== known.seen) known.completing = { epoch, seen: known.seen, requestId: randomUUID() };
      await this.client.call(`${ROUTING}/CompleteContact`, { contactId, epoch: String(epoch), handledThrough: String(known.seen), requestId: known.completing.requestId });
      this.completed++;
      known.lastHeard = Date.now();
    }
  }
}
