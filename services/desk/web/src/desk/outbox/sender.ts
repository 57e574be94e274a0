// Sends outgoing replies: kept on the shelf first, one call at a time per browser, repeated with the same request id until
// the hub has answered.
import type { Message } from "../../gen/haven/channels/v1/conversation_pb";
import { backoff } from "../../shared/backoff";
import { failureOf } from "../api/errors";
import { afterFailure, inOrder, mayStillGo, nextToSend, nextWait, replace, without, type Outgoing } from "./queue";
import type { Shelf } from "./shelf";

export interface SenderDeps {
  readonly shelf: Shelf;
  send(item: Outgoing): Promise<Message | undefined>;
  // The epoch under which this agent holds the contact; undefined when it does not; "unknown" before the feed has told.
  heldEpoch(contactId: string): bigint | undefined | "unknown";
  onItems(items: readonly Outgoing[]): void;
  onSent(item: Outgoing, message: Message | undefined): void;
  onSignedOut(): void;
  now(): number;
}

export class Sender {
  private items: readonly Outgoing[] = [];
  private busy = false;
  private paused = false;
  private closed = false;
  // Added here, not on the shelf yet.
  private readonly unsaved = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("haven-outbox") : undefined;

  constructor(private readonly deps: SenderDeps) {
    if (this.channel) this.channel.onmessage = () => void this.reload();
  }

  // `carried`: replies that an earlier sender of this page still had in memory.
  async start(carried: readonly Outgoing[] = []): Promise<void> {
    if (this.deps.shelf.durable) await this.reload();
    else this.update(carried.map((item) => ({ ...item, state: "held" })));
    this.poke();
  }

  // Resolves when the reply would survive a crash of the browser.
  async add(item: Outgoing): Promise<void> {
    this.unsaved.add(item.requestId);
    this.update([...this.items, item]);
    try {
      await this.deps.shelf.keepOutgoing(item);
    } finally {
      this.unsaved.delete(item.requestId);
      this.tell();
      this.poke();
    }
  }

  async retry(requestId: string, epoch?: bigint): Promise<void> {
    const item = this.items.find((i) => i.requestId === requestId);
    if (!item || item.state === "sending") return;
    const next: Outgoing = { ...item, state: "queued", attempts: 0, notBefore: 0, trouble: undefined };
    await this.change(epoch === undefined ? next : { ...next, epoch: String(epoch) });
    this.poke();
  }

  async discard(requestId: string): Promise<void> {
    this.update(without(this.items, requestId));
    await this.deps.shelf.dropOutgoing(requestId);
    this.tell();
    this.poke();
  }

  // Something changed that may let a reply go: the line, an assignment, a sign-in.
  poke(): void {
    clearTimeout(this.timer);
    if (this.busy || this.paused || this.closed) return;
    this.busy = true;
    void this.drain().finally(() => {
      this.busy = false;
      const wait = nextWait(this.items, this.deps.now());
      if (wait !== undefined && !this.closed) this.timer = setTimeout(() => this.poke(), wait);
    });
  }

  // The line is back: waits that were set while it was down are over.
  hurry(): void {
    this.update(this.items.map((i) => (i.state === "queued" && i.notBefore > 0 ? { ...i, notBefore: 0 } : i)));
    this.poke();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.poke();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.channel?.close();
  }

  private async drain(): Promise<void> {
    while (!this.paused && !this.closed) {
      const item = nextToSend(this.items, this.deps.now());
      // Not on disk yet: its own writing calls again.
      if (!item || this.unsaved.has(item.requestId)) return;
      const held = this.deps.heldEpoch(item.contactId);
      if (held === "unknown") return; // poked again when the feed has told
      if (!mayStillGo(item, held)) {
        await this.change({ ...item, state: "failed", trouble: "lost-race" });
        continue;
      }
      await this.alone(() => this.sendOne(item));
    }
  }

  private async sendOne(item: Outgoing): Promise<void> {
    if (!this.items.some((i) => i.requestId === item.requestId)) return; // another tab has sent it meanwhile
    this.update(replace(this.items, { ...item, state: "sending" }));
    try {
      const message = await this.deps.send(item);
      this.deps.onSent(item, message);
      this.update(without(this.items, item.requestId));
      await this.deps.shelf.dropOutgoing(item.requestId);
      this.tell();
    } catch (error) {
      const failure = failureOf(error);
      const wait = backoff(item.attempts, Math.random, 1000);
      await this.change(afterFailure(item, failure, this.deps.now(), wait));
      if (failure.trouble === "signed-out") {
        this.paused = true;
        this.deps.onSignedOut();
      }
    }
  }

  // Two tabs share the shelf; the same request id makes a double send harmless, the lock makes it rare.
  private async alone(work: () => Promise<void>): Promise<void> {
    if (globalThis.navigator?.locks) await navigator.locks.request("haven-outbox", work);
    else await work();
  }

  private async change(item: Outgoing): Promise<void> {
    this.update(replace(this.items, item));
    await this.deps.shelf.keepOutgoing(item).catch(() => undefined);
    this.tell();
  }

  private async reload(): Promise<void> {
    if (!this.deps.shelf.durable || this.closed) return;
    const kept = await this.deps.shelf.outgoing();
    // What this tab is writing or sending it knows better than the shelf.
    const ours = this.items.filter((i) => i.state === "sending" || this.unsaved.has(i.requestId));
    const known = new Set(ours.map((i) => i.requestId));
    this.update(inOrder([...ours, ...kept.filter((i) => !known.has(i.requestId))]));
    this.poke();
  }

  private update(items: readonly Outgoing[]): void {
    this.items = items;
    this.deps.onItems(items);
  }

  private tell(): void {
    if (!this.closed) this.channel?.postMessage("changed");
  }
}
