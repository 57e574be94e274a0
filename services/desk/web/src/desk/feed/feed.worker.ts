// The browser's one feed, shared by all tabs of the desk. It ends when the last tab closes, and presence with it.
import { FeedSource, type FeedNews, type FeedOrder } from "./source";

const ports = new Set<MessagePort>();

const source = new FeedSource((news: FeedNews) => {
  for (const port of ports) port.postMessage(news);
});

const scope = globalThis as unknown as {
  onconnect: ((event: MessageEvent) => void) | null;
  addEventListener(type: "online", listener: () => void): void;
};

scope.addEventListener("online", () => source.obey({ kind: "reconnect" }));
scope.onconnect = (event) => {
  const port = event.ports[0]!;
  const first = ports.size === 0;
  ports.add(port);
  port.onmessage = (message: MessageEvent<FeedOrder | { readonly kind: "leave" }>) => {
    if (message.data.kind === "leave") {
      ports.delete(port);
      if (ports.size === 0) source.stop();
    } else if (message.data.kind === "join") {
      port.postMessage(source.tell());
    } else {
      source.obey(message.data);
    }
  };
  if (first) source.start();
};
