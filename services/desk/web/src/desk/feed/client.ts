// A tab's end of the feed: a shared worker where the browser has one, else one leading tab (Web Locks) that tells the others.
import { scriptUrl } from "../../shared/trusted";
import { FeedSource, type FeedNews, type FeedOrder } from "./source";
import workerUrl from "./feed.worker.ts?sharedworker&url";

export interface FeedClient {
  send(order: FeedOrder): void;
  close(): void;
}

export function connectFeed(onNews: (news: FeedNews) => void): FeedClient {
  try {
    if (typeof SharedWorker === "function") return viaWorker(onNews);
  } catch {
    // Some browsers have the name and refuse the thing (private windows).
  }
  if ("locks" in navigator && typeof BroadcastChannel === "function") return viaLeader(onNews);
  return alone(onNews);
}

function viaWorker(onNews: (news: FeedNews) => void): FeedClient {
  const worker = new SharedWorker(scriptUrl(workerUrl), { type: "module", name: "haven-feed" });
  const post = (order: FeedOrder | { kind: "leave" }) => worker.port.postMessage(order);
  worker.port.onmessage = (event: MessageEvent<FeedNews>) => onNews(event.data);
  worker.port.start();
  post({ kind: "join" });
  const leave = () => post({ kind: "leave" });
  const back = (event: PageTransitionEvent) => {
    if (event.persisted) location.reload(); // restored from the back-forward cache: its port is gone
  };
  addEventListener("pagehide", leave);
  addEventListener("pageshow", back);
  return {
    send: post,
    close: () => {
      removeEventListener("pagehide", leave);
      removeEventListener("pageshow", back);
      leave();
      worker.port.close();
    },
  };
}

type Bus = { readonly news: FeedNews } | { readonly order: FeedOrder } | { readonly claim: true };

const LEADER_LOCK = "haven-feed-leader";

// The tab that holds the lock runs the feed. A tab that becomes visible takes it over from a hidden one, since browsers
// slow hidden tabs down.
function viaLeader(onNews: (news: FeedNews) => void): FeedClient {
  const bus = new BroadcastChannel("haven-feed");
  let source: FeedSource | undefined;
  let closed = false;

  const lead = async (steal: boolean): Promise<void> => {
    try {
      await navigator.locks.request(LEADER_LOCK, steal ? { steal: true } : {}, () => {
        if (closed) return Promise.resolve();
        source = new FeedSource((news) => {
          onNews(news);
          bus.postMessage({ news } satisfies Bus);
        });
        source.start();
        return new Promise<void>((resolve) => (release = resolve));
      });
    } catch {
      source?.stop(); // stolen by a visible tab
      source = undefined;
      if (!closed) void lead(false);
    }
  };
  let release = () => {};

  bus.onmessage = (event: MessageEvent<Bus>) => {
    const message = event.data;
    if ("news" in message) {
      if (!source) onNews(message.news);
    } else if (source && "order" in message) {
      if (message.order.kind === "join") bus.postMessage({ news: source.tell() } satisfies Bus);
      else source.obey(message.order);
    }
  };
  const online = () => source?.obey({ kind: "reconnect" });
  addEventListener("online", online);
  const shown = () => {
    if (document.visibilityState === "visible" && !source) void lead(true);
  };
  document.addEventListener("visibilitychange", shown);
  void lead(document.visibilityState === "visible");
  bus.postMessage({ order: { kind: "join" } } satisfies Bus);
  return {
    send: (order) => (source ? source.obey(order) : bus.postMessage({ order } satisfies Bus)),
    close: () => {
      closed = true;
      document.removeEventListener("visibilitychange", shown);
      removeEventListener("online", online);
      source?.stop();
      release();
      bus.close();
    },
  };
}

function alone(onNews: (news: FeedNews) => void): FeedClient {
  const source = new FeedSource(onNews);
  source.start();
  return { send: (order) => source.obey(order), close: () => source.stop() };
}
