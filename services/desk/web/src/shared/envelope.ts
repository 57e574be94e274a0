// Frames of a Connect stream: one byte of flags, four of length, the message.

const END = 0x02;

export interface Frame {
  // The last one carries JSON with the outcome instead of a message.
  readonly last: boolean;
  readonly body: Uint8Array;
}

export function framed(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(5 + body.length);
  new DataView(out.buffer).setUint32(1, body.length);
  out.set(body, 5);
  return out;
}

export class FrameReader {
  private rest = new Uint8Array(0);

  // The frames that are complete with these bytes.
  take(bytes: Uint8Array): Frame[] {
    const all = new Uint8Array(this.rest.length + bytes.length);
    all.set(this.rest);
    all.set(bytes, this.rest.length);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= 5) {
      const length = new DataView(all.buffer).getUint32(at + 1);
      if (all.length - at < 5 + length) break;
      frames.push({ last: (all[at]! & END) !== 0, body: all.slice(at + 5, at + 5 + length) });
      at += 5 + length;
    }
    this.rest = all.slice(at);
    return frames;
  }
}
