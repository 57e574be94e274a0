// The Watch stream as raw frames. The shared worker passes them on undecoded: it needs of a response only the cursor and
// which kind it is, so the protobuf runtime is loaded once, by the page.
import { FrameReader, framed } from "../../shared/envelope";

export class SignedOut extends Error {}

const WATCH = "/haven.desk.v1.FeedService/Watch";

// Yields each response's bytes; ends when the hub closes the stream in good order.
export async function* watchFrames(cursor: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const response = await fetch(WATCH, {
    method: "POST",
    headers: { "Content-Type": "application/connect+proto", "Connect-Protocol-Version": "1", "X-Haven-CSRF": "1" },
    body: framed(watchRequest(cursor)),
    signal,
    credentials: "same-origin",
    cache: "no-store",
  });
  if (response.status === 401) throw new SignedOut();
  if (!response.ok || !response.body) throw new Error(`feed: ${response.status}`);
  const reader = response.body.getReader();
  const frames = new FrameReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("feed: cut off");
      for (const frame of frames.take(value)) {
        if (!frame.last) yield frame.body;
        else return checkEnd(frame.body);
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function checkEnd(body: Uint8Array): void {
  const { error } = JSON.parse(new TextDecoder().decode(body) || "{}") as { error?: { code?: string } };
  if (error?.code === "unauthenticated") throw new SignedOut();
  if (error) throw new Error(`feed: ${error.code}`);
}

// WatchRequest { string cursor = 1; }
function watchRequest(cursor: string): Uint8Array {
  const text = new TextEncoder().encode(cursor);
  if (text.length === 0) return text;
  const length: number[] = [];
  let n = text.length;
  for (; n > 0x7f; n >>>= 7) length.push((n & 0x7f) | 0x80);
  return new Uint8Array([0x0a, ...length, n, ...text]);
}

export type FrameKind = "reset" | "snapshot" | "update" | "heartbeat" | "unknown";

// By field number of WatchResponse.
const KINDS: Readonly<Record<number, FrameKind>> = { 2: "reset", 3: "snapshot", 4: "update", 5: "heartbeat" };

export function frameInfo(bytes: Uint8Array): { readonly cursor: string; readonly kind: FrameKind } {
  let cursor = "";
  let kind: FrameKind = "unknown";
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    kind = KINDS[field] ?? kind;
    if (tag % 8 === 2) {
      const end = varint() + at;
      if (field === 1) cursor = new TextDecoder().decode(bytes.subarray(at, end));
      at = end;
    } else if (tag % 8 === 0) varint();
    else at += tag % 8 === 1 ? 8 : 4;
  }
  return { cursor, kind };
}
