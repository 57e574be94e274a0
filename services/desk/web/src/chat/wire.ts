// The Connect protocol in JSON by hand: one unary call, one server stream. A protobuf runtime would be half of the page.
import { FrameReader, framed } from "../shared/envelope";

export class CallError extends Error {
  constructor(
    // Connect's code, such as "unavailable"; "network" when nothing answered.
    readonly code: string,
    // Seconds to wait, where the hub said so.
    readonly retryAfter = 0,
  ) {
    super(code);
  }
}

// Worth repeating with the same request id: nothing was refused.
export function passes(error: unknown): boolean {
  return error instanceof CallError && /^(network|unavailable|deadline_exceeded|internal|unknown|aborted|resource_exhausted)$/.test(error.code);
}

const SERVICE = "/haven.channels.v1.WebchatService/";
const TIMEOUT_MS = 30_000;

function headers(token: string, type: string): Record<string, string> {
  const all: Record<string, string> = { "Content-Type": type, "Connect-Protocol-Version": "1", "X-Haven-CSRF": "1" };
  if (token) all["Authorization"] = `Bearer ${token}`;
  return all;
}

function post(method: string, token: string, type: string, body: BodyInit, signal: AbortSignal, keepalive = false) {
  return fetch(SERVICE + method, {
    method: "POST",
    headers: headers(token, type),
    body,
    signal,
    keepalive,
    cache: "no-store",
    credentials: "omit",
  }).catch(() => {
    throw new CallError("network");
  });
}

export async function call<T>(method: string, token: string, request: object, keepalive = false): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await post(method, token, "application/json", JSON.stringify(request), abort.signal, keepalive);
    if (!response.ok) throw await refusal(response);
    return (await response.json().catch(() => {
      throw new CallError("network"); // cut off in the middle: the outcome is unknown
    })) as T;
  } finally {
    clearTimeout(timer);
  }
}

const BY_STATUS: Readonly<Record<number, string>> = { 401: "unauthenticated", 429: "resource_exhausted", 404: "unimplemented" };

async function refusal(response: Response): Promise<CallError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  const body = (await response.json().catch(() => ({}))) as { code?: string };
  return new CallError(body.code ?? BY_STATUS[response.status] ?? (response.status >= 500 ? "unavailable" : "unknown"), retryAfter);
}

export function canStream(): boolean {
  return typeof ReadableStream === "function" && typeof Response === "function" && "body" in Response.prototype;
}

// Calls `onMessage` for each message; resolves when the hub ends the stream in good order.
export async function stream<T>(method: string, token: string, request: object, signal: AbortSignal, onMessage: (m: T) => void): Promise<void> {
  const body = framed(new TextEncoder().encode(JSON.stringify(request)));
  const response = await post(method, token, "application/connect+json", body, signal);
  if (!response.ok || !response.body) throw await refusal(response);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const frames = new FrameReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new CallError("network");
    });
    if (done) throw new CallError("network"); // cut off: a stream ends by its last frame
    for (const frame of frames.take(value)) {
      const message = JSON.parse(decoder.decode(frame.body)) as T & { error?: { code?: string } };
      if (!frame.last) onMessage(message);
      else if (message.error) throw new CallError(message.error.code ?? "unknown");
      else return;
    }
  }
}
