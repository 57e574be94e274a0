// What went wrong, in the terms the desk acts upon. The hub's reason travels as google.rpc.ErrorInfo.
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb";

export type Trouble =
  | "signed-out" // sign in again
  | "forbidden"
  | "lost-race" // somebody else was faster
  | "newer-message"
  | "wrong-state"
  | "throttled" // wait
  | "unreachable" // the line or a part of the hub is down: the same call may be repeated
  | "invalid" // the hub refuses what was sent
  | "unsupported" // this hub does not know the method
  | "bug";

export interface Failure {
  readonly trouble: Trouble;
  // Set when the hub said how long to wait, seconds.
  readonly retryAfter?: number;
}

const BY_REASON: Readonly<Record<string, Trouble>> = {
  REASON_UNAUTHENTICATED: "signed-out",
  REASON_FORBIDDEN: "forbidden",
  REASON_LOST_RACE: "lost-race",
  REASON_NEWER_MESSAGE: "newer-message",
  REASON_WRONG_STATE: "wrong-state",
  REASON_NOT_FOUND: "wrong-state",
  REASON_RATE_LIMITED: "throttled",
  REASON_OVERLOADED: "throttled",
  REASON_DEPENDENCY_DOWN: "unreachable",
  REASON_RESTORING: "unreachable",
  REASON_DEADLINE_EXCEEDED: "unreachable",
  REASON_INVALID_FIELD: "invalid",
  REASON_MALFORMED_BODY: "invalid",
  REASON_UNKNOWN_METHOD: "unsupported",
  REASON_BUG: "bug",
};

const BY_CODE: Readonly<Partial<Record<Code, Trouble>>> = {
  [Code.Unauthenticated]: "signed-out",
  [Code.PermissionDenied]: "forbidden",
  [Code.Aborted]: "lost-race",
  [Code.FailedPrecondition]: "wrong-state",
  [Code.NotFound]: "wrong-state",
  [Code.ResourceExhausted]: "throttled",
  [Code.Unavailable]: "unreachable",
  [Code.DeadlineExceeded]: "unreachable",
  [Code.Canceled]: "unreachable",
  [Code.InvalidArgument]: "invalid",
  [Code.Unimplemented]: "unsupported",
  // A fetch that failed before any answer.
  [Code.Unknown]: "unreachable",
};

export function failureOf(error: unknown): Failure {
  const e = ConnectError.from(error);
  const reason = e.findDetails(ErrorInfoSchema)[0]?.reason ?? "";
  const trouble = BY_REASON[reason] ?? BY_CODE[e.code] ?? "bug";
  const delay = e.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay ? { trouble, retryAfter: Math.max(1, Number(delay.seconds)) } : { trouble };
}
