// What the browser keeps between visits (unsent replies, drafts) is encrypted with a key that the hub gives to the
// signed-in user and that is never stored here. Without the key nothing is written: memory alone serves.

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

export class Vault {
  private constructor(private readonly key: CryptoKey) {}

  static async open(raw: Uint8Array): Promise<Vault> {
    if (raw.length !== 32) throw new RangeError("a client key has 32 bytes");
    return new Vault(await crypto.subtle.importKey("raw", new Uint8Array(raw), "AES-GCM", false, ["encrypt", "decrypt"]));
  }

  // `place` binds the text to its record: it cannot be moved under another id.
  async seal(value: unknown, place: string): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(value));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes(place) }, this.key, text) };
  }

  // Undefined when it was sealed under another key or damaged.
  async unseal<T>(sealed: Sealed, place: string): Promise<T | undefined> {
    try {
      const algorithm = { name: "AES-GCM", iv: sealed.iv, additionalData: bytes(place) };
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, this.key, sealed.data))) as T;
    } catch {
      return undefined;
    }
  }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
