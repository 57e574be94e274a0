// What every view can reach.
import { createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { Formats } from "../shared/format";
import type { Translator } from "../shared/i18n";
import type { Actions } from "./actions/actions";
import type { TextKey } from "./i18n/en";
import { textsFor } from "./i18n/load";
import type { DeskState } from "./state/model";
import { useStore, type Store } from "./state/store";

export interface Scope {
  readonly store: Store<DeskState>;
  readonly actions: Actions;
}

const Context = createContext<Scope | null>(null);
export const ScopeProvider = Context.Provider;

export function useScope(): Scope {
  const scope = useContext(Context);
  if (!scope) throw new Error("a view outside of the desk");
  return scope;
}

export function useDesk<T>(select: (state: DeskState) => T, same?: (a: T, b: T) => boolean): T {
  return useStore(useScope().store, select, same);
}

export function useActions(): Actions {
  return useScope().actions;
}

export interface Texts {
  readonly t: Translator<TextKey>["t"];
  readonly f: Formats;
  readonly tag: string;
  readonly translator: Translator<TextKey>;
}

export function useTexts(): Texts {
  const language = useDesk((s) => s.settings.language);
  const zone = useDesk((s) => s.hub?.timeZone);
  return useMemo(() => {
    const translator = textsFor(language);
    return { t: translator.t, f: new Formats(language, zone), tag: language, translator };
  }, [language, zone]);
}

export function usePending(name: string): boolean {
  return useDesk((s) => s.pending.has(name));
}

// The hub's time in milliseconds, renewed every `everyMs`; views that count seconds use it.
export function useHubNow(everyMs = 1000): number {
  const { store } = useScope();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + store.get().feed.hubOffsetMs;
}
