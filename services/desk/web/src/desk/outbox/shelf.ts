// The encrypted shelf: outgoing replies and drafts of one user in this browser. Without a key or without IndexedDB it keeps
// nothing, and says so.
import { Database, type SealedRecord, type StoreName } from "./database";
import { inOrder, type Outgoing } from "./queue";
import { Vault } from "./vault";

export interface KeptDraft {
  // As the desk's state names it.
  readonly key: string;
  readonly text: string;
  // The hub does not have this text yet.
  readonly dirty: boolean;
}

export class Shelf {
  // Writes happen in the order in which they were asked for: a record that is dropped does not come back.
  private tail: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly userId: string,
    private readonly session: string,
    private readonly vault: Vault | undefined,
    private readonly db: Database | undefined,
  ) {}

  static async open(userId: string, session: string, key: Uint8Array | undefined): Promise<Shelf> {
    if (!key || typeof indexedDB === "undefined" || !globalThis.crypto?.subtle) return new Shelf(userId, session, undefined, undefined);
    try {
      return new Shelf(userId, session, await Vault.open(key), await Database.open());
    } catch {
      return new Shelf(userId, session, undefined, undefined);
    }
  }

  get durable(): boolean {
    return this.vault !== undefined && this.db !== undefined;
  }

  // Resolves when it is on disk.
  async keepOutgoing(item: Outgoing): Promise<void> {
    await this.put("outbox", item.requestId, { ...item, state: item.state === "sending" ? "queued" : item.state });
  }

  async dropOutgoing(requestId: string): Promise<void> {
    await this.inTurn(() => this.db?.remove("outbox", requestId));
  }

  // Replies of an earlier sign-in come back as held.
  async outgoing(): Promise<Outgoing[]> {
    const found: Outgoing[] = [];
    for (const { record, value } of await this.all<Outgoing>("outbox")) {
      found.push(record.session === this.session ? value : { ...value, state: "held" });
    }
    return inOrder(found);
  }

  async keepDraft(draft: KeptDraft): Promise<void> {
    const id = `${this.userId}/${draft.key}`;
    if (draft.text === "" && !draft.dirty) await this.inTurn(() => this.db?.remove("drafts", id));
    else await this.put("drafts", id, draft);
  }

  async drafts(): Promise<KeptDraft[]> {
    return (await this.all<KeptDraft>("drafts")).map((entry) => entry.value);
  }

  // Sign-out: nothing of this user stays.
  async clear(): Promise<void> {
    await this.inTurn(async () => {
      await this.db?.removeOfUser("outbox", this.userId);
      await this.db?.removeOfUser("drafts", this.userId);
    });
  }

  close(): void {
    this.db?.close();
  }

  private async put(store: StoreName, id: string, value: unknown): Promise<void> {
    const { vault, db } = this;
    if (!vault || !db) return;
    await this.inTurn(async () => {
      const sealed = await vault.seal(value, `${store}/${id}`);
      await db.put(store, { id, userId: this.userId, session: this.session, ...sealed });
    });
  }

  private inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.tail.then(work);
    this.tail = done.catch(() => undefined);
    return done;
  }

  private async all<T>(store: StoreName): Promise<{ record: SealedRecord; value: T }[]> {
    if (!this.vault || !this.db) return [];
    const found: { record: SealedRecord; value: T }[] = [];
    for (const record of await this.db.ofUser(store, this.userId)) {
      const value = await this.vault.unseal<T>(record, `${store}/${record.id}`);
      if (value) found.push({ record, value });
    }
    return found;
  }
}
