// The keys of the desk, in one list: what handles them and what shows them read the same.
import type { TextKey } from "../i18n/en";

export interface Shortcut {
  readonly keys: string;
  readonly text: TextKey;
  readonly group: TextKey;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "Ctrl K", text: "palette.open", group: "shortcuts.general" },
  { keys: "?", text: "shortcuts.title", group: "shortcuts.general" },
  { keys: "Alt S", text: "shortcuts.activity", group: "shortcuts.general" },
  { keys: "Alt ↑ ↓", text: "shortcuts.next", group: "shortcuts.general" },
  { keys: "Alt 1 … 9", text: "shortcuts.nth", group: "shortcuts.general" },
  { keys: "Enter", text: "shortcuts.accept", group: "shortcuts.offers" },
  { keys: "Esc", text: "shortcuts.decline", group: "shortcuts.offers" },
  { keys: "Alt A", text: "shortcuts.accept-anywhere", group: "shortcuts.offers" },
  { keys: "Alt X", text: "shortcuts.decline-anywhere", group: "shortcuts.offers" },
  { keys: "Alt R", text: "shortcuts.reply", group: "shortcuts.conversation" },
  { keys: "Alt N", text: "shortcuts.note", group: "shortcuts.conversation" },
  { keys: "Alt E", text: "log.earlier", group: "shortcuts.conversation" },
  { keys: "Alt P", text: "person.open", group: "shortcuts.conversation" },
  { keys: "Alt T", text: "transfer.open", group: "shortcuts.conversation" },
  { keys: "Alt W", text: "complete", group: "shortcuts.conversation" },
  { keys: "Ctrl Enter", text: "wrapup.finish", group: "shortcuts.conversation" },
];
