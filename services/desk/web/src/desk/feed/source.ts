// One feed with its reduced state, wherever it runs (shared worker or leading tab), and the messages between it and tabs.
import type { WatchResponse } from "../../gen/haven/desk/v1/feed_service_pb";
import { watchFeed } from "../api/watch";
import { reduceFeed } from "../state/feed_reducer";
import { emptyFeed, type FeedState } from "../state/feed_state";
import { FeedLoop, type Link } from "./loop";

// To tabs. `state` brings a tab that joins late to where the others are.
export type FeedNews =
  | { readonly kind: "state"; readonly feed: FeedState; readonly link: Link }
  | { readonly kind: "response"; readonly response: WatchResponse; readonly receivedAt: number }
  | { readonly kind: "link"; readonly link: Link };

// From tabs.
export type FeedOrder = { readonly kind: "join" } | { readonly kind: "retry" } | { readonly kind: "restart" };

export class FeedSource {
  private feed: FeedState = emptyFeed;
  private link: Link = { state: "connecting", since: Date.now() };
  private loop: FeedLoop | undefined;

  constructor(private readonly publish: (news: FeedNews) => void) {}

  start(): void {
    this.loop?.stop();
    this.feed = emptyFeed;
    const loop = new FeedLoop({
      watch: watchFeed,
      onResponse: (response, receivedAt) => {
        if (this.loop !== loop) return;
        this.feed = reduceFeed(this.feed, { kind: "response", response, receivedAt });
        this.publish({ kind: "response", response, receivedAt });
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

  state(): FeedNews {
    return { kind: "state", feed: this.feed, link: this.link };
  }

  obey(order: FeedOrder): void {
    if (order.kind === "retry") this.loop?.retry();
    // After a sign-in: a new session, a new feed.
    else if (order.kind === "restart" || this.link.state === "signed-out") this.start();
  }
}
