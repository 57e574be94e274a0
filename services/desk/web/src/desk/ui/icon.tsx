// Inline icons, 16 px grid, drawn with the text's colour. Decorative: the words beside them or an aria-label speak.
const PATHS = {
  accept: "M3 8.5l3.2 3.2L13 4.8",
  alert: "M8 2.2l6.3 11H1.7zM8 6.5v3.2M8 11.6v.2",
  arrow: "M3 8h9M8.5 4.5L12 8l-3.5 3.5",
  back: "M13 8H4M7.5 4.5L4 8l3.5 3.5",
  bell: "M4 11V7a4 4 0 018 0v4l1 1.5H3zM6.7 14h2.6",
  "bell-off": "M4 11V7c0-.7.2-1.4.5-2M6 3.5A4 4 0 0112 7v3M3 12.5h8.5M6.7 14h2.6M2 2l12 12",
  bot: "M3 6h10v7H3zM8 6V3M6 9.2v.6M10 9.2v.6",
  chat: "M2.5 3.5h11v7.5H7l-3 2.5V11H2.5z",
  check: "M3 8.5l3.2 3.2L13 4.8",
  checks: "M1 8.5l3 3 6.5-7M7 11l.8.8L15 4.5",
  chevron: "M4.5 6.5L8 10l3.5-3.5",
  clock: "M8 2.2a5.8 5.8 0 100 11.6A5.8 5.8 0 008 2.2zM8 5v3.2l2.2 1.3",
  close: "M4 4l8 8M12 4l-8 8",
  cloud: "M4.5 12.5h7a2.7 2.7 0 00.5-5.4A4 4 0 004.3 6.7a2.9 2.9 0 00.2 5.8z",
  copy: "M6 6h7.5v7.5H6zM10 6V2.5H2.5V10H6",
  globe: "M8 2.2a5.8 5.8 0 100 11.6A5.8 5.8 0 008 2.2zM2.4 8h11.2M8 2.2c-3.5 3.5-3.5 8 0 11.6 3.5-3.6 3.5-8.1 0-11.6z",
  history: "M2.5 8a5.5 5.5 0 101.7-4L2.5 5.7M2.5 2.5v3.2h3.2M8 5v3.2l2 1.2",
  keyboard: "M1.8 4h12.4v8.5H1.8zM4.2 6.7h.1M6.7 6.7h.1M9.2 6.7h.1M11.7 6.7h.1M5 9.8h6",
  leave: "M9.5 2.5h-6v11h6M7 8h7M11.5 5.5L14 8l-2.5 2.5",
  line: "M1.8 6.3a9 9 0 0112.4 0M4 8.8a5.7 5.7 0 018 0M6.2 11.2a2.5 2.5 0 013.6 0M8 13.3v.1",
  "line-off": "M1.8 6.3a9 9 0 013-2M7.5 3.7a9 9 0 016.7 2.6M4 8.8a5.7 5.7 0 013-1.5M8 13.3v.1M2.5 2.5l11 11",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  note: "M3 2.5h10v7.5L9.5 13.5H3zM9.5 13.5V10H13M5.5 5.5h5M5.5 8h3",
  person: "M8 8.2a2.8 2.8 0 100-5.6 2.8 2.8 0 000 5.6zM2.8 13.5c.5-2.6 2.6-4 5.2-4s4.7 1.4 5.2 4",
  queue: "M2.5 4h11M2.5 8h7.5M2.5 12h4.5",
  retry: "M13.5 8A5.5 5.5 0 1111.8 4l1.7 1.7M13.5 2.5v3.2h-3.2",
  search: "M7 2.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM10.3 10.3l3.4 3.4",
  send: "M2.5 8L13.5 2.8 10.5 13.3 7.3 9zM7.3 9l6.2-6.2",
  settings: "M3 4.5h5.5M11.5 4.5H13M3 11.5h1.5M7.5 11.5H13M10 3v3M6 10v3",
  transfer: "M2.5 5.5h10L10 3M13.5 10.5h-10L6 13",
  trash: "M3 4.5h10M6 4.5v-2h4v2M4.2 4.5l.6 9h6.4l.6-9",
  warn: "M8 2.2a5.8 5.8 0 100 11.6A5.8 5.8 0 008 2.2zM8 5v3.6M8 10.8v.2",
} as const;

export type IconName = keyof typeof PATHS;

// Icons that point along the line turn with it in right-to-left pages.
const DIRECTED: ReadonlySet<string> = new Set(["arrow", "back", "leave", "send", "queue"]);

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      class={DIRECTED.has(name) ? "icon icon-directed" : "icon"}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
