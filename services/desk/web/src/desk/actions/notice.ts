// Turns effects of the feed into what people see and hear: sound, notification, announcement, toast.
import type { Offer } from "../../gen/haven/desk/v1/feed_service_pb";
import { languageName } from "../../shared/format";
import type { FeedEffect } from "../state/feed_effects";
import { mapWithout, setWith } from "../state/model";
import { personName, subjectTitle } from "../state/names";
import { chime } from "../ui/sound";
import type { Actions } from "./actions";
import { announce, toast, type Env } from "./env";

export function notice(env: Env, actions: Actions, effect: FeedEffect): void {
  const { store } = env;
  const t = env.text().t;
  const state = store.get();
  switch (effect.kind) {
    case "offer":
      return noticeOffer(env, effect.offer);
    case "offer-gone":
      return announce(env, t("offer.gone"));
    case "missed":
      return announce(env, t("activity.missed-long"), true);
    case "message":
      if (state.settings.sound && document.hidden) chime("message");
      if (state.selected === effect.contactId) announce(env, t("message.new", { text: effect.message.text }));
      else announce(env, t("message.new-elsewhere", { name: personName(env.text(), state.feed.contacts.get(effect.contactId)) }));
      return;
    case "reopened":
      store.set((s) => ({ ...s, reopened: setWith(s.reopened, effect.contactId), selected: effect.contactId }));
      if (state.wrapUps.has(effect.contactId)) actions.changeWrapUp(effect.contactId, { wanted: false, finishing: false });
      return announce(env, t("reopened.text"), true);
    case "wrap-up":
      if (state.wrapUps.get(effect.contactId)?.wanted) void actions.finishWrapUp(effect.contactId);
      return;
    case "gone":
      return contactGone(env, actions, effect.contactId, effect.wasWrappingUp);
  }
}

function noticeOffer(env: Env, offer: Offer): void {
  const state = env.store.get();
  const text = env.text();
  const contact = offer.contact?.contact;
  const body = [languageName(contact?.language ?? "", text.tag), subjectTitle(state.hub, contact?.subject ?? "", text.tag)]
    .filter(Boolean)
    .join(" · ");
  announce(env, text.t("offer.announce", { about: body || text.t("offer.nothing-known") }), true);
  if (state.settings.sound) chime("offer");
  if (!document.hidden || !state.settings.notifications || !("Notification" in window)) return;
  if (Notification.permission !== "granted") return;
  try {
    // Language and subject only: a lock screen is public.
    const shown = new Notification(text.t("offer.title"), { body, tag: offer.reservation?.id ?? "offer" });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch {
    // Some phones offer notifications to service workers alone.
  }
}

function contactGone(env: Env, actions: Actions, contactId: string, wasWrappingUp: boolean): void {
  const { store } = env;
  const t = env.text().t;
  const form = store.get().wrapUps.get(contactId);
  const contact = store.get().feed.contacts.get(contactId)?.contact;
  store.set((s) => ({ ...s, wrapUps: mapWithout(s.wrapUps, contactId) }));
  if (!wasWrappingUp) toast(env, "info", t("contact.moved"));
  else if (form?.note.trim() && !form.finishing) {
    // Wrap-up ended by its time: the note is not lost with it.
    const keep = { label: t("wrapup.keep-note"), run: () => void actions.send(contactId, "note", form.note) };
    toast(env, "warn", t("wrapup.ended"), contact ? keep : undefined);
  }
}
