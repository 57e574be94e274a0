// What actions work with.
import type { Clients } from "../api/clients";
import { failureOf, type Failure } from "../api/errors";
import type { Translator } from "../../shared/i18n";
import type { FeedClient } from "../feed/client";
import type { TextKey } from "../i18n/en";
import type { Sender } from "../outbox/sender";
import type { Shelf } from "../outbox/shelf";
import { setWith, setWithout, type DeskState, type Toast, type ToastKind } from "../state/model";
import type { Store } from "../state/store";

export interface Env {
  readonly store: Store<DeskState>;
  readonly clients: Clients;
  text(): Translator<TextKey>;
  // Of the signed-in user; undefined while nobody is signed in.
  feed: FeedClient | undefined;
  sender: Sender | undefined;
  shelf: Shelf | undefined;
  // Offers unsaved drafts to the hub again, after a sign-in.
  flushDrafts(): void;
  // Called by whoever meets a 401.
  sessionEnded(): void;
}

let lastToast = 0;
const TOAST_MS = 7000;

export function toast(env: Env, kind: ToastKind, text: string, action?: Toast["action"]): void {
  const id = ++lastToast;
  env.store.set((s) => ({ ...s, toasts: [...s.toasts.slice(-2), { id, kind, text, action }] }));
  // What asks for a decision stays until it is taken.
  if (!action) setTimeout(() => env.store.set((s) => ({ ...s, toasts: s.toasts.filter((t) => t.id !== id) })), TOAST_MS);
}

export function announce(env: Env, text: string, urgent = false): void {
  env.store.set((s) => ({ ...s, announcement: { text, urgent, count: s.announcement.count + 1 } }));
}

// Runs one call under a name that its button watches; a second click while it runs does nothing.
export async function once(env: Env, name: string, work: () => Promise<void>): Promise<Failure | undefined> {
  if (env.store.get().pending.has(name)) return undefined;
  env.store.set((s) => ({ ...s, pending: setWith(s.pending, name) }));
  try {
    await work();
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.trouble === "signed-out") env.sessionEnded();
    return failure;
  } finally {
    env.store.set((s) => ({ ...s, pending: setWithout(s.pending, name) }));
  }
}

// The plain sentence for a failure that has no better one of its own.
export function tellFailure(env: Env, failure: Failure | undefined): void {
  if (!failure || failure.trouble === "signed-out") return;
  const t = env.text().t;
  switch (failure.trouble) {
    case "unreachable":
      return toast(env, "danger", t("error.unreachable"));
    case "throttled":
      return toast(env, "warn", t("error.throttled", { n: failure.retryAfter ?? 5 }));
    case "forbidden":
      return toast(env, "danger", t("error.forbidden"));
    case "lost-race":
    case "wrong-state":
    case "newer-message":
      return toast(env, "warn", t("error.changed"));
    default:
      return toast(env, "danger", t("error.bug"));
  }
}
