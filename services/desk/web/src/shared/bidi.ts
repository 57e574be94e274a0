// Direction overrides (U+202D, U+202E) can make a text read differently from what was written. They are shown as a mark
// and have no effect; everything else that a script needs stays as it is.

const OVERRIDES = /[\u202D\u202E]/;

export interface TextPart {
  readonly text: string;
  readonly override: boolean;
}

export function splitOverrides(text: string): readonly TextPart[] {
  if (!OVERRIDES.test(text)) return [{ text, override: false }];
  return text
    .split(/([\u202D\u202E])/)
    .filter((part) => part !== "")
    .map((part) => ({ text: part, override: OVERRIDES.test(part) }));
}

// For one-line previews: no overrides, no line breaks.
export function oneLine(text: string): string {
  return text.replace(/[\u202D\u202E]/g, "").replace(/\s+/g, " ").trim();
}
