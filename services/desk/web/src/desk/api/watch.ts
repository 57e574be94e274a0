import { createClient } from "@connectrpc/connect";
import { FeedService, type WatchResponse } from "../../gen/haven/desk/v1/feed_service_pb";
import { transport } from "./transport";

const feed = createClient(FeedService, transport);

// The stream lives as long as its signal; no deadline.
export function watchFeed(cursor: string, signal: AbortSignal): AsyncIterable<WatchResponse> {
  return feed.watch({ cursor }, { signal, timeoutMs: 0 });
}
