// The one transport: Connect over same-origin HTTP with the session's cookie. Binary bodies: half the bytes of JSON.
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";

// The edge refuses calls with a cookie but without this header: a foreign page cannot set it.
const csrf: Interceptor = (next) => (request) => {
  request.header.set("X-Haven-CSRF", "1");
  return next(request);
};

// Long enough for a slow line; the hub sees it as the call's deadline.
const UNARY_TIMEOUT_MS = 20_000;

export const transport: Transport = createConnectTransport({
  baseUrl: location.origin,
  useBinaryFormat: true,
  defaultTimeoutMs: UNARY_TIMEOUT_MS,
  interceptors: [csrf],
  fetch: (input, init) => fetch(input, { ...init, credentials: "same-origin", cache: "no-store" }),
});
