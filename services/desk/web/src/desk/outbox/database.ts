// IndexedDB behind promises. One database, two stores; records name their user in the clear and nothing else.
import type { Sealed } from "./vault";

export type StoreName = "outbox" | "drafts";

export interface SealedRecord extends Sealed {
  // outbox: request id; drafts: user id and conversation id.
  readonly id: string;
  readonly userId: string;
  // The browser's mark of the sign-in that wrote it.
  readonly session: string;
}

const NAME = "haven-desk";
const VERSION = 1;

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

export class Database {
  private constructor(private readonly db: IDBDatabase) {}

  static async open(): Promise<Database> {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const name of ["outbox", "drafts"] satisfies StoreName[]) {
        request.result.createObjectStore(name, { keyPath: "id" }).createIndex("user", "userId");
      }
    };
    const db = await done(request);
    // Another tab brings a newer version: let go, or it waits for ever.
    db.onversionchange = () => db.close();
    return new Database(db);
  }

  async put(store: StoreName, record: SealedRecord): Promise<void> {
    const transaction = this.db.transaction(store, "readwrite", { durability: "strict" });
    const committed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
    });
    transaction.objectStore(store).put(record);
    return committed;
  }

  async remove(store: StoreName, id: string): Promise<void> {
    await done(this.db.transaction(store, "readwrite").objectStore(store).delete(id));
  }

  ofUser(store: StoreName, userId: string): Promise<SealedRecord[]> {
    return done(this.db.transaction(store).objectStore(store).index("user").getAll(userId)) as Promise<SealedRecord[]>;
  }

  async removeOfUser(store: StoreName, userId: string): Promise<void> {
    for (const record of await this.ofUser(store, userId)) await this.remove(store, record.id);
  }

  close(): void {
    this.db.close();
  }
}
