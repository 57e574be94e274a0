import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { AssignmentState } from "../../gen/haven/routing/v1/routing_pb";
import { uuid } from "../../shared/uuid";
import { reduceFeed, type FeedEvent } from "../state/feed_reducer";
import { assignmentOf, epochOf } from "../state/feed_state";
import { mapWith, mapWithout, setWithout, type WrapUpForm } from "../state/model";
import { hasUnsent, isSending, seenThrough } from "../state/completion";
import type { ContactActions } from "./actions";
import { announce, once, tellFailure, toast, type Env } from "./env";

const EXTENSION_SECONDS = 120n;
const SENDING_MS = 15_000;
export const emptyForm: WrapUpForm = { disposition: "", note: "", finishing: false, wanted: false };

export function contactActions(env: Env, select: (contactId: string) => void): ContactActions {
  const { store, clients } = env;
  const apply = (event: FeedEvent) => store.set((s) => ({ ...s, feed: reduceFeed(s.feed, event) }));

  const form = (contactId: string) => store.get().wrapUps.get(contactId) ?? emptyForm;
  const changeWrapUp = (contactId: string, change: Partial<WrapUpForm>) =>
    store.set((s) => ({ ...s, wrapUps: mapWith(s.wrapUps, contactId, { ...(s.wrapUps.get(contactId) ?? emptyForm), ...change }) }));

  // A repeated click or a repeat after a lost answer must be the same request.
  const requestIds = new Map<string, string>();
  const requestId = (key: string) => {
    const known = requestIds.get(key) ?? uuid();
    requestIds.set(key, known);
    return known;
  };

  async function finish(contactId: string): Promise<void> {
    const { disposition, note } = form(contactId);
    const key = `finish:${contactId}:${disposition}:${note}`;
    const stateOf = () => assignmentOf(store.get().feed, contactId)?.state;
    const asked = stateOf();
    changeWrapUp(contactId, { finishing: true, wanted: true });
    const failure = await once(env, `finish:${contactId}`, async () => {
      await clients.routing.finishWrapUp({ contactId, disposition, note, requestId: requestId(key) });
      store.set((s) => ({ ...s, wrapUps: mapWithout(s.wrapUps, contactId) }));
      apply({ kind: "released", contactId });
      announce(env, env.text().t("wrapup.done"));
    });
    if (!failure) return;
    // While the closing is not confirmed the hub says "wrong state": the feed will tell, or has told meanwhile.
    const early = asked === AssignmentState.CLOSING && failure.trouble === "wrong-state";
    if (early && stateOf() === AssignmentState.WRAP_UP) return finish(contactId);
    const wait = early && stateOf() === AssignmentState.CLOSING;
    changeWrapUp(contactId, { finishing: false, wanted: wait });
    if (!wait) tellFailure(env, failure);
  }

  return {
    changeWrapUp,
    async accept(reservationId) {
      const t = env.text().t;
      const failure = await once(env, `accept:${reservationId}`, async () => {
        const { assignment } = await clients.routing.acceptReservation({ reservationId });
        if (!assignment) return;
        apply({ kind: "accepted", reservationId, assignment });
        announce(env, t("offer.taken"));
        select(assignment.contactId);
      });
      if (!failure) return;
      if (failure.trouble === "lost-race" || failure.trouble === "wrong-state") {
        apply({ kind: "declined", reservationId });
        toast(env, "warn", t("offer.lost"));
      } else tellFailure(env, failure);
    },
    async decline(reservationId) {
      const failure = await once(env, `accept:${reservationId}`, async () => {
        await clients.routing.declineReservation({ reservationId });
        apply({ kind: "declined", reservationId });
        announce(env, env.text().t("offer.declined"));
      });
      if (failure?.trouble === "lost-race" || failure?.trouble === "wrong-state") apply({ kind: "declined", reservationId });
      else tellFailure(env, failure);
    },
    async complete(contactId) {
      const t = env.text().t;
      const failure = await once(env, `complete:${contactId}`, async () => {
        // A reply on its way over a slow line is waited for; one that cannot go is the agent's to decide.
        await store.until((s) => !isSending(s, contactId), SENDING_MS);
        const state = store.get();
        if (hasUnsent(state, contactId)) return toast(env, "warn", t("complete.unsent"));
        const handledThrough = seenThrough(state, contactId);
        if (handledThrough === undefined) return toast(env, "warn", t("complete.unseen"));
        const epoch = epochOf(state.feed, contactId);
        const key = `complete:${contactId}:${epoch}:${handledThrough}`;
        const { assignment } = await clients.routing.completeContact({ contactId, epoch, handledThrough, requestId: requestId(key) });
        store.set((s) => ({ ...s, reopened: setWithout(s.reopened, contactId) }));
        if (assignment) apply({ kind: "assignment", assignment });
        changeWrapUp(contactId, { finishing: false, wanted: false });
      });
      if (failure?.trouble === "newer-message") toast(env, "warn", t("complete.newer"));
      else tellFailure(env, failure);
    },
    finishWrapUp: finish,
    async extendWrapUp(contactId) {
      const failure = await once(env, `extend:${contactId}`, async () => {
        const by = create(DurationSchema, { seconds: EXTENSION_SECONDS });
        const { assignment } = await clients.routing.extendWrapUp({ contactId, by });
        if (assignment) apply({ kind: "assignment", assignment });
      });
      if (failure?.trouble === "wrong-state") toast(env, "warn", env.text().t("wrapup.extend-once"));
      else tellFailure(env, failure);
    },
    async transfer(contactId, target, note) {
      const epoch = epochOf(store.get().feed, contactId);
      const where = "queue" in target ? { case: "queue" as const, value: target.queue } : { case: "toAgentId" as const, value: target.agentId };
      const key = `transfer:${contactId}:${epoch}:${where.value}`;
      const failure = await once(env, `transfer:${contactId}`, async () => {
        await clients.routing.transferContact({ contactId, epoch, target: where, note, requestId: requestId(key) });
        apply({ kind: "released", contactId });
        toast(env, "ok", env.text().t("transfer.done"));
      });
      tellFailure(env, failure);
      return failure === undefined;
    },
    dismissReopened(contactId) {
      store.set((s) => ({ ...s, reopened: setWithout(s.reopened, contactId) }));
    },
  };
}
