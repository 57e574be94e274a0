// Texts by key from message files: placeholders {name}, plural forms by Intl.PluralRules on the parameter `n`.

export type Plural = { readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>;
export type Entry = string | Plural;
export type Catalog<K extends string> = Readonly<Record<K, Entry>>;
export type Params = Readonly<Record<string, string | number>>;

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

export function isRightToLeft(tag: string): boolean {
  return /^(ar|arc|ckb|dv|fa|he|ks|ku-arab|ps|sd|syr|ug|ur|yi)(-|$)/i.test(tag);
}

export class Translator<K extends string> {
  readonly direction: "ltr" | "rtl";
  private readonly plural: Intl.PluralRules;
  private readonly number: Intl.NumberFormat;

  constructor(
    readonly tag: string,
    private readonly catalog: Catalog<K>,
  ) {
    this.direction = isRightToLeft(tag) ? "rtl" : "ltr";
    this.plural = new Intl.PluralRules(tag);
    this.number = new Intl.NumberFormat(tag);
  }

  // Text of a key. Inserted words are isolated, so that a name of another script does not disturb the sentence around it.
  readonly t = (key: K, params?: Params): string => {
    const entry = this.catalog[key];
    const pattern = typeof entry === "string" ? entry : this.choose(entry, params);
    if (!params) return pattern;
    return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = params[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? this.number.format(value) : FIRST_STRONG_ISOLATE + value + POP_ISOLATE;
    });
  };

  private choose(entry: Plural, params?: Params): string {
    const n = params?.["n"];
    return entry[this.plural.select(typeof n === "number" ? n : 0)] ?? entry.other;
  }
}
