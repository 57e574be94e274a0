// The script of a site: a button, and behind it the chat page of the hub in an iframe of the hub's own origin.
//   <script src="https://hub.example/widget.js" data-channel="site" data-label="Chat with us" data-lang="ar" async></script>
// Everything is set through the style object: it works under a site's strict content security policy, too.

(() => {
  const script = document.currentScript as HTMLScriptElement | null;
  if (!script || document.getElementById("haven-chat")) return;
  const origin = new URL(script.src).origin;
  const { channel = "", label = "Chat", lang = "", color = "#0b6360", side = "end" } = script.dataset;
  const narrow = matchMedia("(max-width: 600px)");
  let frame: HTMLIFrameElement | undefined;
  let open = false;

  const style = (el: HTMLElement, css: Record<string, string>) => {
    for (const [name, value] of Object.entries(css)) el.style.setProperty(name, value);
  };
  const edge = `inset-inline-${side === "start" ? "start" : "end"}`;

  const root = document.createElement("div");
  root.id = "haven-chat";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  if (lang) button.lang = lang;
  button.setAttribute("aria-expanded", "false");
  style(button, {
    position: "fixed",
    "inset-block-end": "16px",
    [edge]: "16px",
    "z-index": "2147483000",
    padding: "12px 20px",
    border: "2px solid #fff",
    "border-radius": "99px",
    color: "#fff",
    background: color,
    font: "600 16px/1.3 system-ui, sans-serif",
    cursor: "pointer",
    "box-shadow": "0 2px 10px rgb(0 0 0 / 30%)",
  });
  root.append(button);

  const layout = () => {
    if (!frame) return;
    const full = narrow.matches;
    style(frame, {
      display: open ? "block" : "none",
      position: "fixed",
      "inset-block-end": full ? "0" : "16px",
      [edge]: full ? "0" : "16px",
      "inline-size": full ? "100%" : "380px",
      "block-size": full ? "100%" : "min(640px, calc(100% - 32px))",
      "z-index": "2147483001",
      border: "0",
      "border-radius": full ? "0" : "12px",
      "box-shadow": "0 4px 30px rgb(0 0 0 / 35%)",
    });
  };

  const create = () => {
    const query = new URLSearchParams({ embed: "1", channel, lang });
    frame = document.createElement("iframe");
    frame.src = `${origin}/chat?${query}`;
    frame.title = label;
    frame.allow = "clipboard-write";
    root.append(frame);
    frame.addEventListener("load", () => tell());
  };

  const tell = () => frame?.contentWindow?.postMessage({ haven: open ? "shown" : "hidden" }, origin);

  const show = (next: boolean) => {
    open = next;
    if (open && !frame) create();
    layout();
    tell();
    button.setAttribute("aria-expanded", String(open));
    button.style.visibility = open ? "hidden" : "visible";
    if (open) {
      button.textContent = label;
      frame?.focus();
    } else button.focus();
  };

  button.addEventListener("click", () => show(!open));
  narrow.addEventListener("change", layout);
  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    const message = event.data as { haven?: string; url?: string; count?: number };
    if (message.haven === "close") show(false);
    else if (message.haven === "unread" && !open) button.textContent = message.count ? `${label} (${message.count})` : label;
    else if (message.haven === "exit" && /^https:\/\//.test(message.url ?? "")) {
      document.documentElement.style.visibility = "hidden";
      location.replace(message.url!);
    }
  });
  document.body.append(root);
})();
