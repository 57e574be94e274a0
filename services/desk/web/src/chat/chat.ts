// The chat of one visitor: what is known, what waits, what may be done.
import { backoff } from "../shared/backoff";
import { isRightToLeft } from "../shared/i18n";
import { uuid } from "../shared/uuid";
import { Follower } from "./follow";
import { Memory } from "./memory";
import { lastSequence, merged, stillWaiting, whoFromMessages, whoFromState } from "./merge";
import type { ChatLanguage, ChatState, Outgoing, Settings, WatchResponse, WireMessage } from "./types";
import { call, CallError, passes } from "./wire";

const SEEN_MS = 400;
const FALLBACK_EXIT = "https://www.wikipedia.org/";

export class Chat {
  state: ChatState;
  readonly memory: Memory;
  private readonly listeners = new Set<() => void>();
  private follower: Follower | undefined;
  private sending = false;
  private attempt = 0;
  private sendTimer: ReturnType<typeof setTimeout> | undefined;
  private seenTimer: ReturnType<typeof setTimeout> | undefined;
  private reported = 0;
  // The last sequence heard from the stream or the list. Not that of an answer to a message of ours: what somebody else wrote
  // just before it may still be on its way.
  private followed = 0;

  constructor(
    private readonly channel: string,
    private readonly wanted: readonly string[],
  ) {
    this.memory = new Memory(channel);
    this.state = {
      screen: "loading",
      settings: {},
      language: guess(this.memory.kept.language || wanted[0] || "en"),
      messages: [],
      outgoing: this.memory.kept.outgoing,
      who: { kind: "flow", name: "", waitSeconds: 0 },
      line: "connecting",
      starting: false,
      trouble: "",
      retryAfter: 0,
      durable: this.memory.durable,
    };
    this.memory.onOther(() => this.otherTab());
  }

  subscribe(listener: () => void): void {
    this.listeners.add(listener);
  }

  async open(): Promise<void> {
    // A running chat does not wait for the settings.
    if (this.memory.kept.token && !this.memory.kept.veiled) this.talk();
    try {
      const settings = await call<Settings>("GetChatSettings", "", { channelKey: this.channel });
      this.set({ settings, language: this.pickLanguage(settings) });
      if (this.state.screen !== "talk") this.set({ screen: this.memory.kept.veiled && this.memory.kept.token ? "veiled" : "start" });
    } catch {
      if (this.state.screen !== "talk") this.set({ screen: "unreachable" });
      setTimeout(() => void this.open(), backoff(this.attempt++, Math.random, 2000));
    }
  }

  chooseLanguage(language: ChatLanguage): void {
    this.memory.save({ language: language.tag, languageChosen: true });
    this.set({ language });
  }

  async start(): Promise<void> {
    if (this.state.starting) return;
    this.set({ starting: true, trouble: "" });
    if (!this.memory.kept.startId) this.memory.save({ startId: uuid() });
    try {
      const request = { channelKey: this.channel, language: this.state.language.tag, languageChosen: this.memory.kept.languageChosen, requestId: this.memory.kept.startId };
      const opened = await call<{ visitorToken: string; conversationId: string }>("StartChat", "", request);
      this.memory.save({ token: opened.visitorToken, conversationId: opened.conversationId, startId: "", veiled: false, language: this.state.language.tag });
      this.set({ starting: false, messages: [] });
      this.talk();
    } catch (error) {
      const code = error instanceof CallError ? error.code : "";
      const trouble = code === "failed_precondition" ? "closed" : code === "resource_exhausted" ? "throttled" : "unreachable";
      this.set({ starting: false, trouble, retryAfter: error instanceof CallError ? error.retryAfter : 0 });
    }
  }

  resume(): void {
    this.memory.save({ veiled: false });
    this.talk();
  }

  post(text: string, choiceId = ""): void {
    const item: Outgoing = { requestId: uuid(), text: text.trim(), choiceId, createdAt: Date.now() };
    if (!item.text && !item.choiceId) return;
    // On disk first: a reload in the next moment still sends it.
    this.keep([...this.state.outgoing, item]);
    this.pump();
  }

  retry(requestId: string): void {
    this.keep(this.state.outgoing.map((o) => (o.requestId === requestId ? { ...o, refused: false } : o)));
    this.pump();
  }

  discard(requestId: string): void {
    this.keep(this.state.outgoing.filter((o) => o.requestId !== requestId));
  }

  // Shown and looked at, up to here.
  seen(): void {
    const last = lastSequence(this.state.messages);
    if (last <= this.reported || !this.memory.kept.token) return;
    clearTimeout(this.seenTimer);
    this.seenTimer = setTimeout(() => {
      this.reported = last;
      call("ReportSeen", this.memory.kept.token, { sequence: String(last) }).catch(() => {
        this.reported = 0; // told again with the next message
      });
    }, SEEN_MS);
  }

  lineIsBack(): void {
    this.attempt = 0;
    this.follower?.hurry();
    this.pump();
  }

  // The device says so itself: there is no need to wait until the stream is found silent.
  lineIsLost(): void {
    this.follower?.drop();
  }

  // The hub ends the token; this browser remembers nothing, whether the hub was reached or not.
  forget(): void {
    this.leave(true);
    this.memory.forget();
    this.stop();
    this.followed = 0;
    this.set({ screen: "start", messages: [], outgoing: [], trouble: "" });
  }

  // Before the quick exit: the next visit shows nothing by itself.
  veil(): void {
    this.leave(false);
    this.memory.draft = "";
    if (this.memory.kept.token) this.memory.save({ veiled: true });
    this.stop();
  }

  get exitUrl(): string {
    return this.state.settings.quickExitUrl || FALLBACK_EXIT;
  }

  private leave(revokeToken: boolean): void {
    const { token } = this.memory.kept;
    if (token) call("LeaveChat", token, { revokeToken }, true).catch(() => undefined);
  }

  private talk(): void {
    this.set({ screen: "talk", trouble: "", outgoing: this.memory.kept.outgoing });
    this.follower?.stop();
    const follower: Follower = new Follower({
      token: () => this.memory.kept.token,
      after: () => this.followed,
      onNews: (news) => this.follower === follower && this.follow(news),
      onLine: (line) => this.follower === follower && this.lineChanged(line),
      onGone: () => this.gone(),
    });
    this.follower = follower;
    void follower.run();
    this.pump();
  }

  private lineChanged(line: ChatState["line"]): void {
    if (line === this.state.line) return;
    this.set({ line });
    if (line === "live" || line === "polling") this.pump();
  }

  private follow(news: WatchResponse): void {
    this.take(news);
    this.followed = Math.max(this.followed, lastSequence(news.messages ?? []));
  }

  private take(news: WatchResponse): void {
    const messages = merged(this.state.messages, news.messages ?? []);
    const outgoing = stillWaiting(this.state.outgoing, news.messages ?? []);
    const told = news.state ? whoFromState(news.state) : this.state.line === "live" ? this.state.who : whoFromMessages(messages);
    if (outgoing !== this.state.outgoing) this.keep(outgoing);
    this.set({ messages, who: told });
  }

  // One message after the other, in the order of writing, each until the hub has answered.
  private pump(): void {
    clearTimeout(this.sendTimer);
    const item = this.state.outgoing.find((o) => !o.refused);
    const { token } = this.memory.kept;
    if (this.sending || !item || !token || this.state.screen !== "talk") return;
    this.sending = true;
    const { text, choiceId, requestId } = item;
    call<{ message?: WireMessage }>("PostMessage", token, choiceId ? { choiceId, requestId } : { text, requestId })
      .then(({ message }) => {
        this.sending = false;
        this.attempt = 0;
        if (message) this.take({ messages: [{ ...message, requestId }] });
        this.keep(this.state.outgoing.filter((o) => o.requestId !== requestId));
        if (this.state.line === "polling") setTimeout(() => this.follower?.hurry(), 2500);
        this.pump();
      })
      .catch((error: unknown) => {
        this.sending = false;
        if (error instanceof CallError && error.code === "unauthenticated") return this.gone();
        if (passes(error)) {
          const asked = error instanceof CallError ? error.retryAfter * 1000 : 0;
          this.sendTimer = setTimeout(() => this.pump(), Math.max(asked, backoff(this.attempt++, Math.random, 1000)));
        } else {
          this.keep(this.state.outgoing.map((o) => (o.requestId === requestId ? { ...o, refused: true } : o)));
          this.pump();
        }
      });
  }

  // The token is over: a new chat can begin; what was not sent goes back into the field.
  private gone(): void {
    const unsent = this.state.outgoing.map((o) => o.text).filter(Boolean);
    this.stop();
    this.memory.forget();
    this.memory.draft = unsent.join("\n");
    this.followed = 0;
    this.set({ screen: "start", messages: [], outgoing: [], trouble: "gone" });
  }

  private otherTab(): void {
    if (!this.memory.kept.token && this.state.screen === "talk") {
      this.stop();
      this.followed = 0;
      this.set({ screen: "start", messages: [], outgoing: [] });
    } else if (this.memory.kept.token && this.state.screen === "start") this.talk();
    else this.set({ outgoing: this.memory.kept.outgoing });
  }

  private stop(): void {
    clearTimeout(this.sendTimer);
    this.follower?.stop();
    this.follower = undefined;
  }

  private keep(outgoing: readonly Outgoing[]): void {
    this.memory.save({ outgoing: [...outgoing] });
    this.set({ outgoing, durable: this.memory.durable });
  }

  private pickLanguage(settings: Settings): ChatLanguage {
    const all = settings.languages ?? [];
    const base = (tag: string) => tag.toLowerCase().split("-")[0];
    for (const tag of [this.memory.kept.language, ...this.wanted]) {
      const found = tag && (all.find((l) => l.tag === tag) ?? all.find((l) => base(l.tag) === base(tag)));
      if (found) return found;
    }
    return all[0] ?? this.state.language;
  }

  private set(change: Partial<ChatState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

function guess(tag: string): ChatLanguage {
  return { tag, name: tag, rightToLeft: isRightToLeft(tag) };
}
