import "fake-indexeddb/auto";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, describe, expect, it } from "vitest";
import { Database } from "./database";
import { afterFailure, mayStillGo, nextToSend, nextWait, type Outgoing } from "./queue";
import { Sender, type SenderDeps } from "./sender";
import { Shelf } from "./shelf";
import { Vault } from "./vault";

let made = 0;
const item = (change: Partial<Outgoing> = {}): Outgoing => ({
  requestId: `r${++made}`,
  kind: "reply",
  conversationId: "c1",
  contactId: "k1",
  epoch: "3",
  text: "a private word",
  createdAt: made,
  state: "queued",
  attempts: 0,
  notBefore: 0,
  ...change,
});

const key = () => crypto.getRandomValues(new Uint8Array(32));
let users = 0;
const newUser = () => `user-${++users}`;

describe("queue rules", () => {
  it("send the oldest of each conversation, and nothing past a failed one", () => {
    const failed = item({ state: "failed" });
    const behind = item();
    const other = item({ conversationId: "c2" });
    expect(nextToSend([failed, behind, other], 0)).toBe(other);
    expect(nextToSend([failed, behind], 0)).toBeUndefined();
  });

  it("wait for their time", () => {
    const later = item({ notBefore: 500 });
    expect(nextToSend([later], 100)).toBeUndefined();
    expect(nextWait([later], 100)).toBe(400);
    expect(nextToSend([later], 500)).toBe(later);
  });

  it("let a reply go only under the epoch of its writing, a note always", () => {
    expect(mayStillGo(item(), 3n)).toBe(true);
    expect(mayStillGo(item(), 4n)).toBe(false);
    expect(mayStillGo(item(), undefined)).toBe(false);
    expect(mayStillGo(item({ kind: "note" }), undefined)).toBe(true);
  });

  it("repeat what may pass and stop at what will not", () => {
    expect(afterFailure(item(), { trouble: "unreachable" }, 1000, 50)).toMatchObject({ state: "queued", notBefore: 1050, attempts: 1 });
    expect(afterFailure(item(), { trouble: "throttled", retryAfter: 7 }, 1000, 50)).toMatchObject({ state: "queued", notBefore: 8000 });
    expect(afterFailure(item(), { trouble: "lost-race" }, 0, 0)).toMatchObject({ state: "failed", trouble: "lost-race" });
    expect(afterFailure(item({ attempts: 2 }), { trouble: "bug" }, 0, 0)).toMatchObject({ state: "failed" });
    expect(afterFailure(item(), { trouble: "signed-out" }, 0, 0)).toMatchObject({ state: "queued" });
  });
});

describe("vault", () => {
  it("opens what it sealed, in its place and with its key only", async () => {
    const raw = key();
    const vault = await Vault.open(raw);
    const sealed = await vault.seal({ text: "سرّ" }, "outbox/1");
    expect(new TextDecoder().decode(sealed.data)).not.toContain("سرّ");
    expect(await vault.unseal(sealed, "outbox/1")).toEqual({ text: "سرّ" });
    expect(await vault.unseal(sealed, "outbox/2")).toBeUndefined();
    expect(await (await Vault.open(key())).unseal(sealed, "outbox/1")).toBeUndefined();
  });

  it("refuses a key of another length", async () => {
    await expect(Vault.open(new Uint8Array(16))).rejects.toThrow(RangeError);
  });
});

describe("shelf", () => {
  it("keeps a reply across visits, encrypted, and holds it for another session", async () => {
    const user = newUser();
    const raw = key();
    const reply = item({ state: "sending" });
    const first = await Shelf.open(user, "session-1", raw);
    await first.keepOutgoing(reply);
    const records = await (await Database.open()).ofUser("outbox", user);
    expect(records).toHaveLength(1);
    expect(new TextDecoder("latin1").decode(records[0]!.data)).not.toContain("private");
    expect(Object.keys(records[0]!).sort()).toEqual(["data", "id", "iv", "session", "userId"]);

    expect(await (await Shelf.open(user, "session-1", raw)).outgoing()).toMatchObject([{ text: "a private word", state: "queued" }]);
    expect(await (await Shelf.open(user, "session-2", raw)).outgoing()).toMatchObject([{ state: "held" }]);
    expect(await (await Shelf.open(newUser(), "session-1", raw)).outgoing()).toEqual([]);
  });

  it("keeps nothing without a key, and says so", async () => {
    const shelf = await Shelf.open(newUser(), "s", undefined);
    await shelf.keepOutgoing(item());
    expect(shelf.durable).toBe(false);
    expect(await shelf.outgoing()).toEqual([]);
  });

  it("is empty after sign-out", async () => {
    const user = newUser();
    const raw = key();
    const shelf = await Shelf.open(user, "s", raw);
    await shelf.keepOutgoing(item());
    await shelf.keepDraft({ key: "c1", text: "half a", dirty: true });
    await shelf.clear();
    expect(await shelf.outgoing()).toEqual([]);
    expect(await shelf.drafts()).toEqual([]);
  });
});

describe("sender", () => {
  const open: Sender[] = [];
  afterEach(() => open.splice(0).forEach((s) => s.close()));

  interface Rig {
    sender: Sender;
    sent: string[];
    items: () => readonly Outgoing[];
    until: (condition: () => boolean) => Promise<void>;
  }

  async function rig(send: SenderDeps["send"], change: Partial<SenderDeps> = {}, user = newUser(), raw = key(), session = "s"): Promise<Rig> {
    const sent: string[] = [];
    let items: readonly Outgoing[] = [];
    let notify = () => {};
    const sender = new Sender({
      shelf: await Shelf.open(user, session, raw),
      send,
      heldEpoch: () => 3n,
      onItems: (next) => {
        items = next;
        notify();
      },
      onSent: (i) => {
        sent.push(i.text);
        notify();
      },
      onSignedOut: () => notify(),
      now: () => Date.now(),
      ...change,
    });
    open.push(sender);
    await sender.start();
    const until = (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        notify = () => condition() && resolve();
        notify();
      });
    return { sender, sent, items: () => items, until };
  }

  it("sends in the order of writing and forgets what was answered", async () => {
    const user = newUser();
    const raw = key();
    const { sender, sent, items, until } = await rig(async () => undefined, {}, user, raw);
    await Promise.all([sender.add(item({ text: "one" })), sender.add(item({ text: "two" })), sender.add(item({ text: "three" }))]);
    await until(() => items().length === 0 && sent.length === 3);
    expect(sent).toEqual(["one", "two", "three"]);
    const left = await Shelf.open(user, "s", raw);
    await expect.poll(async () => (await left.outgoing()).length).toBe(0);
  });

  it("repeats with the same request id until the hub answers", async () => {
    const ids: string[] = [];
    const { sender, sent, until } = await rig(async (i) => {
      ids.push(i.requestId);
      if (ids.length < 3) throw new ConnectError("away", Code.Unavailable);
      return undefined;
    });
    await sender.add(item({ requestId: "same" }));
    await expect.poll(() => (sender.hurry(), sent.length)).toBe(1);
    await until(() => true);
    expect(ids).toEqual(["same", "same", "same"]);
  });

  it("does not send under an epoch that has moved on", async () => {
    const { sender, sent, items, until } = await rig(async () => undefined, { heldEpoch: () => 4n });
    await sender.add(item());
    await until(() => items()[0]?.state === "failed");
    expect(items()[0]?.trouble).toBe("lost-race");
    expect(sent).toEqual([]);
    await sender.retry(items()[0]!.requestId, 4n);
    await until(() => sent.length === 1);
  });

  it("waits until the feed has told what is held", async () => {
    let held: bigint | "unknown" = "unknown";
    const { sender, sent, until } = await rig(async () => undefined, { heldEpoch: () => held });
    await sender.add(item());
    expect(sent).toEqual([]);
    held = 3n;
    sender.poke();
    await until(() => sent.length === 1);
  });

  it("sends after a reload what an earlier page had no answer for", async () => {
    const user = newUser();
    const raw = key();
    const never = await rig(() => new Promise(() => {}), {}, user, raw);
    await never.sender.add(item({ text: "before the reload" }));
    never.sender.close();
    const { sent, until } = await rig(async () => undefined, {}, user, raw);
    await until(() => sent.length === 1);
    expect(sent).toEqual(["before the reload"]);
  });

  it("stops when signed out and keeps the reply for the next session to decide", async () => {
    const user = newUser();
    const raw = key();
    let signedOut = false;
    const first = await rig(
      async () => {
        throw new ConnectError("over", Code.Unauthenticated);
      },
      { onSignedOut: () => (signedOut = true) },
      user,
      raw,
    );
    await first.sender.add(item());
    await expect.poll(() => signedOut).toBe(true);
    const next = await rig(async () => undefined, {}, user, raw, "another session");
    expect(next.items()).toMatchObject([{ state: "held" }]);
    expect(next.sent).toEqual([]);
  });
});
