import { describe, expect, it } from "vitest";
import { backoff } from "./backoff";
import { oneLine, splitOverrides } from "./bidi";
import { framed, FrameReader } from "./envelope";
import { Formats, languageName } from "./format";
import { uuid } from "./uuid";

describe("formats", () => {
  const f = new Formats("en", "Asia/Beirut");
  const at = (text: string) => new Date(text);

  it("use the hub's zone, not the reader's", () => {
    expect(f.time(at("2026-11-22T22:30:00Z"))).toMatch(/^12:30/);
    expect(f.keyOfDay(at("2026-11-22T22:30:00Z"))).toBe("2026-11-23");
  });

  it("name days", () => {
    const now = at("2026-11-22T12:00:00Z");
    expect(f.dayName(at("2026-11-22T08:00:00Z"), now)).toBe("Today");
    expect(f.dayName(at("2026-11-21T08:00:00Z"), now)).toBe("Yesterday");
    expect(f.dayName(at("2026-11-03T08:00:00Z"), now)).toBe("Tuesday, November 3");
    expect(f.dayName(at("2024-11-03T08:00:00Z"), now)).toBe("November 3, 2024");
  });

  it("count time", () => {
    expect([f.stopwatch(7), f.stopwatch(760), f.stopwatch(3760), f.stopwatch(-3)]).toEqual(["0:07", "12:40", "1:02:40", "0:00"]);
    expect([f.span(12), f.span(185), f.span(7300), f.span(200_000)]).toEqual(["12 sec", "3 min", "2 hr", "2 days"]);
  });

  it("survive a zone that the browser does not know", () => {
    expect(() => new Formats("en", "Mars/Olympus").time(new Date())).not.toThrow();
  });

  it("name languages", () => {
    expect(languageName("ar", "en")).toBe("Arabic");
    expect(languageName("", "en")).toBe("");
    expect(languageName("not a tag", "en")).toBe("not a tag");
  });
});

describe("direction overrides", () => {
  it("are taken out of the text and shown", () => {
    expect(splitOverrides("a\u202Eb\u202Cc")).toEqual([
      { text: "a", override: false },
      { text: "\u202E", override: true },
      { text: "b\u202Cc", override: false },
    ]);
    expect(oneLine("a\u202E\n  b")).toBe("a b");
  });

  it("leave other marks alone, which scripts need", () => {
    expect(splitOverrides("می\u200Cخواهم")).toHaveLength(1);
  });
});

describe("frames", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const bytes = (s: string) => new TextEncoder().encode(s);

  it("are found whatever way the bytes are cut", () => {
    const all = new Uint8Array([...framed(bytes("first")), ...framed(bytes("")), ...framed(bytes("third"))]);
    for (let cut = 1; cut <= all.length; cut++) {
      const reader = new FrameReader();
      const found: string[] = [];
      for (let at = 0; at < all.length; at += cut) for (const frame of reader.take(all.subarray(at, at + cut))) found.push(text(frame.body));
      expect(found).toEqual(["first", "", "third"]);
    }
  });

  it("know the last one", () => {
    const end = framed(bytes("{}"));
    end[0] = 2;
    expect(new FrameReader().take(end)).toMatchObject([{ last: true }]);
  });
});

describe("small things", () => {
  it("back off within bounds", () => {
    for (let attempt = 0; attempt < 30; attempt++) {
      for (const draw of [0, 0.5, 0.999]) {
        const wait = backoff(attempt, () => draw);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(30_000);
      }
    }
  });

  it("make version 4 UUIDs", () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
