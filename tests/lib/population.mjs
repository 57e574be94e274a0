// Stand-in people for chaos, load and benchmarks: visitors who write and agents who answer, through the public API alone. What they
// were told is the ledger of truth.

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./connect.mjs";

const WEBCHAT = "haven.channels.v1.WebchatService";
const CONVERSATION = "haven.channels.v1.ConversationService";
const ROUTING = "haven.routing.v1.RoutingService";

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

/** A person in need: opens a chat, answers the flow's questions, writes `messages` messages, one after the other. */
export class Visitor {
  constructor(number, base, { messages, pauseMs = 200, log }) {
    this.number = number;
    this.base = base;
    this.toWrite = messages;
    this.pauseMs = pauseMs;
    this.log = log;
    this.acknowledged = []; // {requestId, id, sequence, text}
    this.conversationId = "";
    this.client = new Client(base);
    this.retries = 0;
    this.refused = [];
  }

  async run(stopped) {
    const retry = () => this.retries++;
    const start = { requestId: randomUUID(), language: this.number % 3 ? "en" : "ar" };
    const opened = await untilTold(() => this.client.call(`${WEBCHAT}/StartChat`, start), stopped, retry);
    if (!opened) return;
    this.client.token = opened.visitorToken;
    this.conversationId = opened.conversationId;
    for (let i = 0; i < this.toWrite && !stopped(); i++) {
      const choice = await this.choiceOffered(stopped);
      const request = { requestId: randomUUID(), text: choice ? choice.title : `message ${this.number}-${i}`, choiceId: choice?.id ?? "" };
      const sent = performance.now();
      const answer = await untilTold(() => this.client.call(`${WEBCHAT}/PostMessage`, request), stopped, retry).catch((error) => {
        this.refused.push(error);
      });
      if (answer) {
        this.acknowledged.push({ requestId: request.requestId, id: answer.message.id, sequence: Number(answer.message.sequence), text: request.text, tookMs: performance.now() - sent });
      }
      await pause(this.pauseMs * (0.5 + Math.random()));
    }
  }

  /** The first choice of the newest message, if the flow asks one: a person who reads before writing. */
  async choiceOffered(stopped) {
    if (this.acknowledged.length >= 3) return undefined;
    for (let i = 0; i < 10 && !stopped(); i++) {
      const page = await this.client.call(`${WEBCHAT}/ListChatMessages`, { pageSize: 200 }).catch(() => undefined);
      const newest = page?.messages?.at(-1);
      if (newest?.choices?.length) return newest.choices[0];
      if (newest && newest.authorKind !== "AUTHOR_KIND_PERSON") return undefined;
      await pause(100);
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

/** Somebody who answers: keeps a feed open, accepts what is offered, replies once to each message seen, completes when the person is silent. */
export class Agent {
  constructor(base, username, password, { replyMs = 100, silentMs = 2500, log } = {}) {
    this.base = base;
    this.username = username;
    this.password = password;
    this.replyMs = replyMs;
    this.silentMs = silentMs;
    this.log = log;
    this.cursor = "";
    this.id = "";
    this.contacts = new Map(); // contactId -> {conversationId, epoch, seen, answered, lastHeard}
    this.accepted = []; // {contactId, epoch}: told by the hub that it is ours
    this.replies = []; // {conversationId, contactId, epoch, id}
    this.offers = []; // {contactId, at}
    this.completed = 0;
    this.newerMessage = 0;
    this.busy = new Set();
    this.free = true;
  }

  async run(stopped) {
    await untilTold(() => this.signIn(), stopped);
    await Promise.all([this.feed(stopped), this.work(stopped)]);
  }

  async signIn() {
    this.client = new Client(this.base, { timeoutMs: 6000 });
    const answer = await this.client.call("haven.directory.v1.IdentityService/SignIn", { username: this.username, password: this.password });
    this.id = answer.user.id;
  }

  async feed(stopped) {
    while (!stopped()) {
      await untilTold(() => this.client.call(`${ROUTING}/SetActivity`, { activity: "ACTIVITY_AVAILABLE" }), stopped).catch(() => this.signIn().catch(() => {}));
      const stream = this.client.stream("haven.desk.v1.FeedService/Watch", { cursor: this.cursor }, (item) => this.onItem(item));
      const watch = setInterval(() => stopped() && stream.stop(), 200);
      await stream.done.catch(async (error) => {
        if (error.code === "unauthenticated") await this.signIn().catch(() => {});
      });
      clearInterval(watch);
      await pause(150 + Math.random() * 300);
    }
  }

  onItem(item) {
    this.cursor = item.cursor ?? this.cursor;
    if (item.reset) this.contacts.clear();
    const news = item.snapshot ?? item.update;
    if (!news) return;
    for (const offer of news.offers ?? []) this.accept(offer.reservation);
    if (news.agent) {
      const held = new Map((news.agent.assignments ?? []).map((a) => [a.contactId, a]));
      for (const id of this.contacts.keys()) if (!held.has(id)) this.contacts.delete(id);
      for (const a of held.values()) {
        const known = this.contacts.get(a.contactId) ?? { conversationId: a.conversationId, seen: 0, answered: 0, lastHeard: Date.now() };
        known.epoch = Number(a.epoch);
        known.state = a.state;
        this.contacts.set(a.contactId, known);
      }
      this.free = news.agent.activity === "ACTIVITY_AVAILABLE" && held.size === 0;
      if (news.agent.activity === "ACTIVITY_MISSED_OFFER") this.client.call(`${ROUTING}/SetActivity`, { activity: "ACTIVITY_AVAILABLE" }).catch(() => {});
    }
    for (const view of news.contacts ?? []) for (const m of view.messages ?? []) this.hear(m);
    for (const m of news.messages ?? []) this.hear(m);
  }

  hear(message) {
    for (const known of this.contacts.values()) {
      if (known.conversationId !== message.conversationId) continue;
      known.seen = Math.max(known.seen, Number(message.sequence));
      if (message.authorKind === "AUTHOR_KIND_PERSON") {
        known.lastHeard = Date.now();
        known.heard = Math.max(known.heard ?? 0, Number(message.sequence));
      }
    }
  }

  async accept(reservation) {
    if (this.busy.has(reservation.id)) return;
    this.busy.add(reservation.id);
    this.offers.push({ contactId: reservation.contactId, at: Date.now() });
    try {
      const { assignment } = await this.client.call(`${ROUTING}/AcceptReservation`, { reservationId: reservation.id });
      this.accepted.push({ contactId: assignment.contactId, epoch: Number(assignment.epoch) });
    } catch {
      this.busy.delete(reservation.id); // a later feed item shows where it stands
    }
  }

  async work(stopped) {
    while (!stopped()) {
      await pause(this.replyMs);
      for (const [contactId, known] of this.contacts) await this.attend(contactId, known, stopped).catch(() => {});
    }
  }

  async attend(contactId, known, stopped) {
    if (known.state === "ASSIGNMENT_STATE_ASSIGNED" && (known.heard ?? 0) > known.answered) {
      const upTo = known.heard;
      known.reply ??= { conversationId: known.conversationId, contactId, epoch: String(known.epoch), text: `reply to ${upTo}`, requestId: randomUUID() };
      try {
        const { message } = await this.client.call(`${CONVERSATION}/SendMessage`, { ...known.reply, epoch: String(known.epoch) });
        this.replies.push({ conversationId: known.conversationId, contactId, epoch: known.epoch, id: message.id });
        known.answered = upTo;
        delete known.reply;
      } catch (error) {
        if (!error.passing || error.code === "aborted") delete known.reply;
        throw error;
      }
    } else if (known.state === "ASSIGNMENT_STATE_ASSIGNED" && Date.now() - known.lastHeard > this.silentMs && known.seen > 0) {
      known.completing ??= randomUUID();
      await this.client.call(`${ROUTING}/CompleteContact`, { contactId, epoch: String(known.epoch), handledThrough: String(known.seen), requestId: known.completing });
      this.completed++;
      delete known.completing;
      known.lastHeard = Date.now();
    } else if (known.state !== "ASSIGNMENT_STATE_ASSIGNED") {
      known.finishing ??= randomUUID();
      await untilTold(() => this.client.call(`${ROUTING}/FinishWrapUp`, { contactId, disposition: "", requestId: known.finishing }), stopped);
    }
  }
}
