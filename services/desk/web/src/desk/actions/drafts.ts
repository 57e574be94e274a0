// Drafts: at once in memory, within a moment on the encrypted shelf, then at the hub. What was written here last wins; a
// draft from the hub is taken only where nothing newer waits here. A note's draft stays in this browser: at the hub it would
// come back as a reply, and a private word would be one key away from the person.
import { failureOf } from "../api/errors";
import { mapWith, type Mode } from "../state/model";
import type { Env } from "./env";

export function draftKey(conversationId: string, mode: Mode): string {
  return mode === "note" ? `note/${conversationId}` : conversationId;
}

const isNote = (key: string) => key.startsWith("note/");

const SHELF_MS = 250;
const HUB_MS = 900;
const RETRY_MS = 5000;

export class DraftKeeper {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly env: Env) {}

  change(key: string, text: string): void {
    this.set(key, text, true);
    this.later(`shelf:${key}`, SHELF_MS, () => void this.shelve(key));
    this.later(`hub:${key}`, HUB_MS, () => void this.save(key));
  }

  // The text has become a message: the draft is over, here and at the hub.
  sent(key: string): void {
    this.set(key, "", !isNote(key));
    void this.shelve(key);
    this.later(`hub:${key}`, 0, () => void this.save(key));
  }

  flush(): void {
    for (const [key, draft] of this.env.store.get().drafts) if (draft.dirty) this.later(`hub:${key}`, 0, () => void this.save(key));
  }

  private set(key: string, text: string, dirty: boolean): void {
    this.env.store.set((s) => ({ ...s, drafts: mapWith(s.drafts, key, { text, dirty }) }));
  }

  private async shelve(key: string): Promise<void> {
    const draft = this.env.store.get().drafts.get(key);
    if (draft) await this.env.shelf?.keepDraft({ key, ...draft }).catch(() => undefined);
  }

  private async save(key: string): Promise<void> {
    const draft = this.env.store.get().drafts.get(key);
    if (!draft?.dirty || isNote(key) || this.env.store.get().session.state !== "signed-in") return;
    try {
      await this.env.clients.conversations.saveDraft({ conversationId: key, text: draft.text });
      const now = this.env.store.get().drafts.get(key);
      if (now?.text !== draft.text) return; // written on meanwhile: its own timer runs
      this.set(key, draft.text, false);
      await this.shelve(key);
    } catch (error) {
      const { trouble } = failureOf(error);
      if (trouble === "signed-out") this.env.sessionEnded();
      // A conversation that is not ours any more keeps no draft at the hub; here it stays.
      else if (trouble === "unreachable" || trouble === "throttled") {
        this.later(`hub:${key}`, RETRY_MS, () => void this.save(key));
      }
    }
  }

  private later(name: string, ms: number, work: () => void): void {
    clearTimeout(this.timers.get(name));
    this.timers.set(
      name,
      setTimeout(() => {
        this.timers.delete(name);
        work();
      }, ms),
    );
  }
}
