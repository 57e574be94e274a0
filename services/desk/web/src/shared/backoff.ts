// Waits between attempts: doubling from `base` to `cap` milliseconds, each drawn from the upper half so that many browsers
// do not come back in the same moment.
export function backoff(attempt: number, random: () => number, base = 500, cap = 30_000): number {
  const full = Math.min(cap, base * 2 ** Math.min(attempt, 16));
  return Math.round(full / 2 + (full / 2) * random());
}
