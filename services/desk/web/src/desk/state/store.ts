// A small store: one immutable state, selectors that render only what changed.
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

export class Store<S> {
  private readonly listeners = new Set<() => void>();

  constructor(private state: S) {}

  get(): S {
    return this.state;
  }

  set(change: (state: S) => S): void {
    const next = change(this.state);
    if (next === this.state) return;
    this.state = next;
    for (const listener of [...this.listeners]) listener();
  }

  // Resolves when the condition holds, or after the time; the caller looks at the state.
  until(condition: (state: S) => boolean, ms: number): Promise<void> {
    if (condition(this.state)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const stop = this.subscribe(() => condition(this.state) && done());
      const timer = setTimeout(done, ms);
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export function useStore<S, T>(store: Store<S>, select: (state: S) => T, same: (a: T, b: T) => boolean = Object.is): T {
  const [, rerender] = useReducer((n: number) => n + 1, 0);
  const value = select(store.get());
  const latest = useRef({ value, select, same });
  useLayoutEffect(() => {
    latest.current = { value, select, same };
  });
  useEffect(() => {
    const check = () => {
      const { value: shown, select: choose, same: equal } = latest.current;
      if (!equal(shown, choose(store.get()))) rerender(0);
    };
    check();
    return store.subscribe(check);
  }, [store]);
  return value;
}

export function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
