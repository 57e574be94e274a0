// A random mark of the sign-in in this browser (no secret): tells replies of this session from those of an earlier one, and
// tells other tabs that it ended.
const KEY = "haven.session";
let memory = "";

export function currentSession(): string {
  try {
    return localStorage.getItem(KEY) ?? memory;
  } catch {
    return memory;
  }
}

export function newSessionMark(mark: string): void {
  memory = mark;
  try {
    localStorage.setItem(KEY, mark);
  } catch {
    // memory serves
  }
}

export function endSessionMark(): void {
  memory = "";
  try {
    localStorage.removeItem(KEY);
  } catch {
    // memory serves
  }
}

// Another tab signed in or out.
export function onSessionMark(change: (mark: string) => void): void {
  addEventListener("storage", (event) => {
    if (event.key === KEY) change(event.newValue ?? "");
  });
}
