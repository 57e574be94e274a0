const PATHS = {
  down: "M4 6.5L8 10.5l4-4",
  leave: "M9.5 2.5h-6v11h6M7 8h7M11.5 5.5L14 8l-2.5 2.5",
  send: "M2.5 8L13.5 2.8 10.5 13.3 7.3 9zM7.3 9l6.2-6.2",
  check: "M3 8.5l3.2 3.2L13 4.8",
  clock: "M8 2.2a5.8 5.8 0 100 11.6A5.8 5.8 0 008 2.2zM8 5v3.2l2.2 1.3",
  alert: "M8 2.2l6.3 11H1.7zM8 6.5v3.2M8 11.6v.2",
} as const;

const DIRECTED: ReadonlySet<string> = new Set(["leave", "send"]);

export function Icon({ name, size = 18 }: { name: keyof typeof PATHS; size?: number }) {
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
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
