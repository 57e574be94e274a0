// Names of things as a reader sees them.
import type { ContactView } from "../../gen/haven/desk/v1/feed_service_pb";
import type { HubSpec } from "../../gen/haven/directory/v1/hub_pb";
import type { Translator } from "../../shared/i18n";
import type { TextKey } from "../i18n/en";

export function personName(text: Translator<TextKey>, view: ContactView | undefined): string {
  const person = view?.person;
  if (person?.displayName) return person.displayName;
  return person?.shortCode ? text.t("person.unknown-code", { code: person.shortCode }) : text.t("person.unknown");
}

// The title in the reader's language, else in any the hub has, else the key.
export function titleOf(titles: Readonly<Record<string, string>> | undefined, key: string, tag: string): string {
  if (!titles) return key;
  return titles[tag] ?? titles[tag.split("-")[0] ?? ""] ?? titles["en"] ?? Object.values(titles)[0] ?? key;
}

export function subjectTitle(hub: HubSpec | null, key: string, tag: string): string {
  if (!key) return "";
  return titleOf(hub?.subjects.find((s) => s.key === key)?.titles, key, tag);
}

export function queueTitle(hub: HubSpec | null, key: string): string {
  return hub?.queues.find((q) => q.key === key)?.displayName || key;
}
