// Keeps one Watch stream open: resumes by cursor, backs off with jitter, gives up on a silent line, stops when signed out.
import { backoff } from "../../shared/backoff";
import { frameInfo, SignedOut } from "./frames";

export type Link =
  | { readonly state: "connecting"; readonly since: number }
  | { readonly state: "live"; readonly since: number }
  | { readonly state: "reconnecting"; readonly since: number }
  | { readonly state: "signed-out"; readonly since: number };

export interface LoopDeps {
  watch(cursor: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  onFrame(frame: Uint8Array, receivedAt: number): void;
  onLink(link: Link): void;
  now(): number;
  random(): number;
}

// The hub sends a heartbeat every 15 s: two missed and a little more is a dead line.
export const SILENCE_MS = 40_000;

export class FeedLoop {
  private cursor = "";
  private stopped = false;
  private stream: AbortController | undefined;
  private wake: (() => void) | undefined;
  private link: Link;

  constructor(private readonly deps: LoopDeps) {
    this.link = { state: "connecting", since: deps.now() };
  }

  async run(): Promise<void> {
    this.deps.onLink(this.link);
    let attempt = 0;
    while (!this.stopped) {
      let end: "closed" | "failed" | "signed-out" = "failed";
      try {
        end = await this.follow(() => (attempt = 0));
      } catch (error) {
        if (error instanceof SignedOut) end = "signed-out";
      }
      if (this.stopped) return;
      if (end === "signed-out") {
        this.setLink("signed-out");
        return;
      }
      this.setLink("reconnecting");
      // A stream that the hub closed in good order is opened again at once, but never in a tight circle.
      await this.pause(end === "closed" && attempt === 0 ? 100 : backoff(attempt, this.deps.random));
      attempt++;
    }
  }

  // Tries again now: the network came back, or the person asked.
  retry(): void {
    this.wake?.();
    if (this.link.state !== "live") this.stream?.abort();
  }

  // The device has a line again: a stream from before may be dead without knowing it.
  reconnect(): void {
    this.wake?.();
    this.stream?.abort();
  }

  stop(): void {
    this.stopped = true;
    this.stream?.abort();
    this.wake?.();
  }

  private async follow(onAlive: () => void): Promise<"closed" | "failed"> {
    const stream = new AbortController();
    this.stream = stream;
    let silence = setTimeout(() => stream.abort(), SILENCE_MS);
    try {
      for await (const frame of this.deps.watch(this.cursor, stream.signal)) {
        if (this.stopped) return "closed";
        clearTimeout(silence);
        silence = setTimeout(() => stream.abort(), SILENCE_MS);
        onAlive();
        const { cursor, kind } = frameInfo(frame);
        if (kind === "reset") this.cursor = "";
        else if (cursor) this.cursor = cursor;
        this.setLink("live");
        this.deps.onFrame(frame, this.deps.now());
      }
      return "closed";
    } finally {
      clearTimeout(silence);
    }
  }

  private setLink(state: Link["state"]): void {
    if (this.link.state === state) return;
    this.link = { state, since: this.deps.now() };
    this.deps.onLink(this.link);
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
