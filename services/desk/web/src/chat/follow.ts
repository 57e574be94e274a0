// Follows the conversation: a stream resumed after the last sequence; where streams do not get through, asking now and then.
import { backoff } from "../shared/backoff";
import { call, CallError, canStream, stream } from "./wire";
import type { WatchResponse, WireMessage } from "./types";

export interface FollowDeps {
  token(): string;
  after(): number;
  onNews(news: WatchResponse): void;
  onLine(line: "live" | "connecting" | "lost" | "polling"): void;
  // The token is not valid any more.
  onGone(): void;
}

// The hub says something at once and then every 20 s.
const FIRST_WORD_MS = 25_000;
const SILENCE_MS = 50_000;
// So many streams without a single word: something on the way holds them back.
const DEAF_STREAMS = 2;
const POLL_MS = 15_000;
const POLL_MAX_MS = 30_000;
const TRY_STREAM_AGAIN_MS = 5 * 60_000;

export class Follower {
  private stopped = false;
  private abort: AbortController | undefined;
  private wake: (() => void) | undefined;
  private deaf = canStream() ? 0 : DEAF_STREAMS;

  constructor(private readonly deps: FollowDeps) {}

  async run(): Promise<void> {
    let attempt = 0;
    this.deps.onLine("connecting");
    while (!this.stopped) {
      try {
        if (this.deaf >= DEAF_STREAMS) await this.poll();
        else await this.listen(() => (attempt = 0));
        attempt = 0;
      } catch (error) {
        if (this.stopped) return;
        if (error instanceof CallError && error.code === "unauthenticated") return this.deps.onGone();
        this.deps.onLine("lost");
        const asked = error instanceof CallError ? error.retryAfter * 1000 : 0;
        await this.pause(Math.max(asked, backoff(attempt++, Math.random, 700)));
      }
    }
  }

  // The network is back, the page is shown again, a message was sent while asking.
  hurry(): void {
    this.wake?.();
  }

  drop(): void {
    this.deps.onLine("lost");
    this.abort?.abort();
  }

  stop(): void {
    this.stopped = true;
    this.abort?.abort();
    this.wake?.();
  }

  private async listen(onAlive: () => void): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    let heard = false;
    let timer = setTimeout(() => abort.abort(), FIRST_WORD_MS);
    try {
      await stream<WatchResponse>("WatchChat", this.deps.token(), { afterSequence: String(this.deps.after()) }, abort.signal, (news) => {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE_MS);
        heard = true;
        this.deaf = 0;
        onAlive();
        this.deps.onLine("live");
        this.deps.onNews(news);
      });
    } finally {
      clearTimeout(timer);
      if (!heard && abort.signal.aborted && !this.stopped && navigator.onLine) this.deaf++;
    }
  }

  private async poll(): Promise<void> {
    const until = Date.now() + TRY_STREAM_AGAIN_MS;
    let wait = POLL_MS;
    while (!this.stopped && (Date.now() < until || !canStream())) {
      const page = await call<{ messages?: WireMessage[]; hasMore?: boolean }>("ListChatMessages", this.deps.token(), {
        afterSequence: String(this.deps.after()),
      });
      this.deps.onLine("polling");
      const messages = page.messages ?? [];
      if (messages.length > 0) this.deps.onNews({ messages });
      if (page.hasMore) continue;
      wait = messages.length > 0 ? POLL_MS : Math.min(POLL_MAX_MS, wait + 5000);
      await this.pause(wait);
    }
    this.deaf = DEAF_STREAMS - 1;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wake = done;
    });
  }
}
