// The quick exit: the page is empty before anything else happens, its place in the history is taken by a harmless page.
import type { Chat } from "./chat";

export const embedded = window.parent !== window;

const TWICE_MS = 1000;

export function quickExit(chat: Chat): void {
  const url = chat.exitUrl;
  document.documentElement.style.visibility = "hidden";
  document.title = "\u00a0";
  chat.veil();
  document.body.replaceChildren();
  // The site around us leaves as well; the loader does it, and where a site embeds the page without the loader, we do.
  if (embedded) {
    parent.postMessage({ haven: "exit", url }, "*");
    try {
      window.top!.location.replace(url);
    } catch {
      // forbidden by the site: then this frame at least
    }
  }
  location.replace(url);
}

// Escape twice within a second.
export function listenForEscape(exit: () => void): void {
  let last = 0;
  addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.repeat) return;
      if (event.timeStamp - last < TWICE_MS) exit();
      last = event.timeStamp;
    },
    true,
  );
}

export function tellSite(message: { haven: "close" } | { haven: "unread"; count: number }): void {
  if (embedded) parent.postMessage(message, "*");
}
