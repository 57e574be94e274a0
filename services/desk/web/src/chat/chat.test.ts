import { describe, expect, it } from "vitest";
import { lastSequence, merged, openQuestion, stillWaiting, whoFromMessages, whoFromState } from "./merge";
import type { Outgoing, WireMessage } from "./types";

const message = (sequence: number, change: Partial<WireMessage> = {}): WireMessage => ({
  id: `m${sequence}`,
  sequence: String(sequence),
  authorKind: "AUTHOR_KIND_FLOW",
  text: "x",
  ...change,
});
const waiting = (requestId: string): Outgoing => ({ requestId, text: "x", choiceId: "", createdAt: 0 });
const event = (sequence: number, name: string, authorName = "") => message(sequence, { event: `CONVERSATION_EVENT_${name}`, authorName });

describe("chat", () => {
  it("keeps the hub's order over repeats", () => {
    const once = merged([], [message(1), message(2), message(3)]);
    expect(merged(once, [message(2), message(4)]).map((m) => m.sequence)).toEqual(["1", "2", "3", "4"]);
    expect(merged(merged([], [message(10)]), [message(9)]).map((m) => m.sequence)).toEqual(["9", "10"]);
    expect(lastSequence(once)).toBe(3);
    expect(lastSequence([])).toBe(0);
  });

  it("stops waiting for what the hub has", () => {
    const left = stillWaiting([waiting("a"), waiting("b")], [message(1, { requestId: "a" }), message(2)]);
    expect(left.map((o) => o.requestId)).toEqual(["b"]);
  });

  it("offers the flow's choices until the person has answered", () => {
    const asked = [message(1), message(2, { choices: [{ id: "1", title: "One" }] })];
    expect(openQuestion(asked, [])?.id).toBe("m2");
    expect(openQuestion(asked, [waiting("a")])).toBeUndefined();
    expect(openQuestion([...asked, message(3, { authorKind: "AUTHOR_KIND_PERSON" })], [])).toBeUndefined();
  });

  it("tells who answers, from the state or from the events", () => {
    expect(whoFromState({ ownerKind: "OWNER_KIND_QUEUE", estimatedWaitSeconds: 90 })).toEqual({ kind: "queue", name: "", waitSeconds: 90 });
    expect(whoFromState({ ended: true }).kind).toBe("ended");
    expect(whoFromMessages([event(1, "STARTED"), event(2, "QUEUED"), event(3, "AGENT_JOINED", "Rana")])).toMatchObject({ kind: "agent", name: "Rana" });
    expect(whoFromMessages([event(1, "AGENT_JOINED", "Rana"), event(2, "TRANSFERRED")]).kind).toBe("queue");
  });
});
