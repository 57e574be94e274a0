// One feed, wherever it runs (shared worker or leading tab), and the messages between it and tabs.
import { frameInfo, watchFrames } from "./frames";
import { FeedLoop, type Link } from "./loop";

export interface ReceivedFrame {
  // A WatchResponse in protobuf.
  readonly bytes: Uint8Array;
  readonly receivedAt: number;
}

// To tabs. `story` is everything since the last snapshot: it brings a tab that joins late to where the others are.
export type FeedNews =
  | { readonly kind: "story"; readonly frames: readonly ReceivedFrame[]; readonly link: Link }
  | { readonly kind: "frame"; readonly frame: ReceivedFrame }
  | { readonly kind: "link"; readonly link: Link };

// From tabs.
export type FeedOrder = { readonly kind: "join" } | { readonly kind: "retry" | "reconnect" } | { readonly kind: "restart" };

// A story longer than this is told anew by a snapshot.
const STORY_BYTES = 4_000_000;

export class FeedSource {
  private story: ReceivedFrame[] = [];
  private size = 0;
  private link: Link = { state: "connecting", since: Date.now() };
  private loop: FeedLoop | undefined;

  constructor(private readonly publish: (news: FeedNews) => void) {}

  start(): void {
    this.loop?.stop();
    this.forget();
    const loop = new FeedLoop({
      watch: watchFrames,
      onFrame: (bytes, receivedAt) => {
        if (this.loop === loop) this.take({ bytes, receivedAt });
      },
      onLink: (link) => {
        if (this.loop !== loop) return;
        this.link = link;
        this.publish({ kind: "link", link });
      },
      now: () => Date.now(),
      random: () => Math.random(),
    });
    this.loop = loop;
    void loop.run();
  }

  stop(): void {
    this.loop?.stop();
    this.loop = undefined;
  }

  tell(): FeedNews {
    return { kind: "story", frames: this.story, link: this.link };
  }

  obey(order: FeedOrder): void {
    if (order.kind === "retry") this.loop?.retry();
    else if (order.kind === "reconnect") this.loop?.reconnect();
    // After a sign-in: a new session, a new feed.
    else if (order.kind === "restart") this.start();
  }

  private take(frame: ReceivedFrame): void {
    const { kind } = frameInfo(frame.bytes);
    if (kind === "snapshot" || kind === "reset") this.forget();
    // Of heartbeats the last one is enough: it tells the hub's clock.
    const last = this.story.at(-1);
    if (kind === "heartbeat" && last && frameInfo(last.bytes).kind === "heartbeat") this.size -= this.story.pop()!.bytes.length;
    this.story.push(frame);
    this.size += frame.bytes.length;
    this.publish({ kind: "frame", frame });
    if (this.size > STORY_BYTES) this.start();
  }

  private forget(): void {
    this.story = [];
    this.size = 0;
  }
}
