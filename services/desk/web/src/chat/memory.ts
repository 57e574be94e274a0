// What this browser remembers of the chat: the capability token, the language, and messages until the hub has acknowledged
// them. Never what was said: that comes from the hub.
import type { Outgoing } from "./types";

export interface Kept {
  token: string;
  conversationId: string;
  language: string;
  // The person chose it, so nobody asks again.
  languageChosen: boolean;
  // Of a start that may or may not have been answered.
  startId: string;
  outgoing: Outgoing[];
  // The quick exit was used: the next visit shows nothing until asked.
  veiled: boolean;
}

const empty = (): Kept => ({ token: "", conversationId: "", language: "", languageChosen: false, startId: "", outgoing: [], veiled: false });

export class Memory {
  readonly kept: Kept = empty();
  durable = true;
  private readonly key: string;
  private readonly draftKey: string;

  constructor(channel: string) {
    this.key = `haven.chat.${channel}`;
    this.draftKey = `haven.draft.${channel}`;
    try {
      Object.assign(this.kept, JSON.parse(localStorage.getItem(this.key) ?? "{}"));
      localStorage.setItem(`${this.key}.probe`, "1");
      localStorage.removeItem(`${this.key}.probe`);
    } catch {
      this.durable = false; // storage is closed: the chat lives as long as the page
    }
  }

  // Another tab of the same page wrote: its word is as good as ours.
  onOther(change: () => void): void {
    addEventListener("storage", (event) => {
      if (event.key !== this.key) return;
      Object.assign(this.kept, empty(), JSON.parse(event.newValue ?? "{}"));
      change();
    });
  }

  save(change: Partial<Kept>): void {
    Object.assign(this.kept, change);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      this.durable = false;
    }
  }

  forget(): void {
    Object.assign(this.kept, empty());
    this.draft = "";
    try {
      localStorage.removeItem(this.key);
    } catch {
      // nothing was kept
    }
  }

  // Unsent words live with the tab: they survive a reload, not the closing of the page.
  get draft(): string {
    try {
      return sessionStorage.getItem(this.draftKey) ?? "";
    } catch {
      return "";
    }
  }

  set draft(text: string) {
    try {
      if (text) sessionStorage.setItem(this.draftKey, text);
      else sessionStorage.removeItem(this.draftKey);
    } catch {
      // the field itself still holds it
    }
  }
}
