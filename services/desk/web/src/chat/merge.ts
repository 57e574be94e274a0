// Pure: what the page knows after another piece of news.
import type { Outgoing, Who, WireMessage, WireState } from "./types";

export function sequenceOf(message: WireMessage | undefined): number {
  return Number(message?.sequence ?? 0);
}

export function lastSequence(messages: readonly WireMessage[]): number {
  return sequenceOf(messages.at(-1));
}

// By sequence, a repeat replaces, the order is the hub's.
export function merged(known: readonly WireMessage[], news: readonly WireMessage[]): readonly WireMessage[] {
  if (news.length === 0) return known;
  const all = new Map(known.map((m) => [sequenceOf(m), m]));
  for (const message of news) all.set(sequenceOf(message), message);
  return [...all.values()].sort((a, b) => sequenceOf(a) - sequenceOf(b));
}

// What the hub has acknowledged is not waiting any more.
export function stillWaiting(outgoing: readonly Outgoing[], messages: readonly WireMessage[]): readonly Outgoing[] {
  const known = new Set(messages.map((m) => m.requestId).filter(Boolean));
  return outgoing.some((o) => known.has(o.requestId)) ? outgoing.filter((o) => !known.has(o.requestId)) : outgoing;
}

const OWNERS: Readonly<Record<string, Who["kind"]>> = {
  OWNER_KIND_FLOW: "flow",
  OWNER_KIND_QUEUE: "queue",
  OWNER_KIND_AGENT: "agent",
};

export function whoFromState(state: WireState): Who {
  const kind = state.ended ? "ended" : (OWNERS[state.ownerKind ?? ""] ?? "flow");
  return { kind, name: state.agentName ?? "", waitSeconds: state.estimatedWaitSeconds ?? 0 };
}

// Without the stream the events among the messages tell the same, only without the estimate.
export function whoFromMessages(messages: readonly WireMessage[]): Who {
  let who: Who = { kind: "flow", name: "", waitSeconds: 0 };
  for (const message of messages) {
    switch (message.event) {
      case "CONVERSATION_EVENT_STARTED":
        who = { kind: "flow", name: "", waitSeconds: 0 };
        break;
      case "CONVERSATION_EVENT_QUEUED":
      case "CONVERSATION_EVENT_TRANSFERRED":
        who = { kind: "queue", name: "", waitSeconds: 0 };
        break;
      case "CONVERSATION_EVENT_AGENT_JOINED":
        who = { kind: "agent", name: message.authorName ?? "", waitSeconds: 0 };
        break;
      case "CONVERSATION_EVENT_ENDED":
        who = { kind: "ended", name: "", waitSeconds: 0 };
        break;
    }
  }
  return who;
}

// The choices that can still be taken: those of the last thing the flow asked, unless the person has answered since.
export function openQuestion(messages: readonly WireMessage[], outgoing: readonly Outgoing[]): WireMessage | undefined {
  if (outgoing.length > 0) return undefined;
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i]!;
    if (message.authorKind === "AUTHOR_KIND_PERSON" || message.authorKind === "AUTHOR_KIND_AGENT") return undefined;
    if (message.choices?.length) return message;
  }
  return undefined;
}
