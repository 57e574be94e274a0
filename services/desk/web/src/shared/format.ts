// Numbers, times and dates of a hub: the reader's language, the hub's time zone.

export class Formats {
  private readonly clock: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly dayWithYear: Intl.DateTimeFormat;
  private readonly full: Intl.DateTimeFormat;
  private readonly dayKey: Intl.DateTimeFormat;
  private readonly relative: Intl.RelativeTimeFormat;
  private readonly two: Intl.NumberFormat;
  private readonly plain: Intl.NumberFormat;
  private readonly units = new Map<string, Intl.NumberFormat>();

  constructor(
    readonly tag: string,
    zone?: string,
  ) {
    const timeZone = validZone(zone);
    this.clock = new Intl.DateTimeFormat(tag, { hour: "numeric", minute: "2-digit", timeZone });
    this.day = new Intl.DateTimeFormat(tag, { weekday: "long", day: "numeric", month: "long", timeZone });
    this.dayWithYear = new Intl.DateTimeFormat(tag, { day: "numeric", month: "long", year: "numeric", timeZone });
    this.full = new Intl.DateTimeFormat(tag, { dateStyle: "long", timeStyle: "medium", timeZone });
    this.dayKey = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone });
    this.relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
    this.two = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2, useGrouping: false });
    this.plain = new Intl.NumberFormat(tag);
  }

  number(n: number): string {
    return this.plain.format(n);
  }

  time(at: Date): string {
    return this.clock.format(at);
  }

  dateTime(at: Date): string {
    return this.full.format(at);
  }

  date(at: Date): string {
    return this.dayWithYear.format(at);
  }

  // Two instants of the same day in the hub's zone have the same key.
  keyOfDay(at: Date): string {
    return this.dayKey.format(at);
  }

  // "Today", "Yesterday", "Tuesday 3 November", "3 November 2024".
  dayName(at: Date, now: Date): string {
    const key = this.keyOfDay(at);
    if (key === this.keyOfDay(now)) return this.capital(this.relative.format(0, "day"));
    if (key === this.keyOfDay(new Date(now.getTime() - 86_400_000))) return this.capital(this.relative.format(-1, "day"));
    const recent = now.getTime() - at.getTime() < 180 * 86_400_000;
    return recent ? this.day.format(at) : this.dayWithYear.format(at);
  }

  // "0:07", "12:40", "1:02:40": a running clock.
  stopwatch(seconds: number): string {
    const s = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(s / 3600);
    const minutes = Math.floor((s % 3600) / 60);
    const rest = this.two.format(s % 60);
    return hours > 0
      ? `${this.plain.format(hours)}:${this.two.format(minutes)}:${rest}`
      : `${this.plain.format(minutes)}:${rest}`;
  }

  // "12 sec", "3 min", "2 hr": for waits, where the exact second does not matter.
  span(seconds: number): string {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return this.unit(s, "second");
    if (s < 3600) return this.unit(Math.floor(s / 60), "minute");
    if (s < 86_400) return this.unit(Math.floor(s / 3600), "hour");
    return this.unit(Math.floor(s / 86_400), "day");
  }

  private unit(value: number, unit: string): string {
    let format = this.units.get(unit);
    if (!format) {
      format = new Intl.NumberFormat(this.tag, { style: "unit", unit, unitDisplay: "short" });
      this.units.set(unit, format);
    }
    return format.format(value);
  }

  private capital(text: string): string {
    return text.charAt(0).toLocaleUpperCase(this.tag) + text.slice(1);
  }
}

function validZone(zone: string | undefined): string | undefined {
  if (!zone) return undefined;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return undefined; // a zone this browser does not know: its own is better than none
  }
}

// Name of a language in the reader's language, "Arabic"; the tag itself where the browser has no name.
export function languageName(tag: string, reader: string): string {
  if (!tag) return "";
  try {
    return new Intl.DisplayNames([reader], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
