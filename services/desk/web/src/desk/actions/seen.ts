// How far this browser's agent has read each conversation: numbers and random ids alone, so they may be kept in the clear.
const KEY = "haven.seen";
const KEPT = 200;

export function recallSeen(): ReadonlyMap<string, bigint> {
  try {
    const pairs = JSON.parse(localStorage.getItem(KEY) ?? "[]") as [string, string][];
    return new Map(pairs.map(([id, sequence]) => [id, BigInt(sequence)]));
  } catch {
    return new Map();
  }
}

export function rememberSeen(seen: ReadonlyMap<string, bigint>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...seen].slice(-KEPT).map(([id, sequence]) => [id, String(sequence)])));
  } catch {
    // Storage is closed: unread marks start anew with the next visit.
  }
}

export function forgetSeen(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // see above
  }
}
