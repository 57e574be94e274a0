import { useEffect } from "preact/hooks";
import { useScope, type Scope } from "../context";
import { heldContacts, isWrappingUp, openOffers, selectedAssignment } from "../state/selectors";
import { ACTIVITY_BUTTON } from "./activity_control";
import { COMPOSER } from "./composer";

export function useShortcuts(): void {
  const scope = useScope();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      if (handle(scope, event)) event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [scope]);
}

function handle(scope: Scope, event: KeyboardEvent): boolean {
  const { store, actions } = scope;
  const state = store.get();
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyK") {
    if (state.overlay?.kind === "palette") actions.close();
    else actions.open({ kind: "palette" });
    return true;
  }
  if (state.overlay) return false;
  if (event.altKey && !event.ctrlKey && !event.metaKey) return withAlt(scope, event);
  if (!plain || inField(event.target)) return false;
  if (event.key === "?") {
    actions.open({ kind: "shortcuts" });
    return true;
  }
  return offerKey(scope, event);
}

// Enter and Escape belong to an offer only while they mean nothing to what has the focus.
function offerKey({ store, actions }: Scope, event: KeyboardEvent): boolean {
  if (event.key !== "Enter" && event.key !== "Escape") return false;
  const target = event.target as HTMLElement;
  const offer = openOffers(store.get())[0];
  const id = (target.closest?.("[data-offer]") as HTMLElement | null)?.dataset["offer"] ?? offer?.reservation?.id;
  if (!id) return false;
  const control = target.closest?.("button, a, [role=menuitem]");
  if (event.key === "Enter" && control) return false;
  if (event.key === "Escape" && store.get().personOpen) return false;
  void (event.key === "Enter" ? actions.accept(id) : actions.decline(id));
  return true;
}

function withAlt(scope: Scope, event: KeyboardEvent): boolean {
  const { store, actions } = scope;
  const state = store.get();
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (digit) return nth(scope, Number(digit) - 1);
  const offer = openOffers(state)[0]?.reservation?.id;
  const id = state.selected;
  const assignment = selectedAssignment(state);
  const mine = id !== null && assignment !== undefined && !isWrappingUp(assignment);
  const conversationId = assignment?.conversationId ?? "";
  switch (event.code) {
    case "ArrowDown":
      return step(scope, 1);
    case "ArrowUp":
      return step(scope, -1);
    case "KeyA":
      if (offer) void actions.accept(offer);
      return true;
    case "KeyX":
      if (offer) void actions.decline(offer);
      return true;
    case "KeyS":
      document.getElementById(ACTIVITY_BUTTON)?.click();
      return true;
    case "KeyR":
    case "KeyN":
      if (!mine) return true;
      actions.setMode(id, event.code === "KeyN" && (state.modes.get(id) ?? "reply") === "reply" ? "note" : "reply");
      document.getElementById(COMPOSER)?.focus();
      return true;
    case "KeyE":
      if (conversationId) void actions.loadEarlier(conversationId);
      return true;
    case "KeyP":
      actions.togglePerson();
      return true;
    case "KeyT":
      if (mine) actions.open({ kind: "transfer", contactId: id });
      return true;
    case "KeyW":
      if (mine) void actions.complete(id);
      return true;
    default:
      return false;
  }
}

function step(scope: Scope, by: number): boolean {
  const contacts = heldContacts(scope.store.get());
  const at = contacts.findIndex((c) => c.assignment.contactId === scope.store.get().selected);
  const next = at < 0 ? (by > 0 ? 0 : contacts.length - 1) : (at + by + contacts.length) % contacts.length;
  return nth(scope, next);
}

function nth({ store, actions }: Scope, index: number): boolean {
  const contact = heldContacts(store.get())[index];
  if (contact) {
    actions.select(contact.assignment.contactId);
    requestAnimationFrame(() => document.getElementById(COMPOSER)?.focus());
  }
  return true;
}

function inField(target: EventTarget | null): boolean {
  const el = target as HTMLElement | null;
  return el?.closest?.("input, textarea, select, [contenteditable], [role=menu]") !== null && el?.closest !== undefined;
}
