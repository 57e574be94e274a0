import { loadTexts } from "../i18n/load";
import { mapWith, type DeskState } from "../state/model";
import { saveSettings } from "../state/settings";
import type { ScreenActions } from "./actions";
import type { Env } from "./env";

export function screenActions(env: Env): ScreenActions {
  const { store } = env;
  const patch = (change: Partial<DeskState>) => store.set((s) => ({ ...s, ...change }));
  return {
    select(contactId) {
      patch({ selected: contactId, screen: contactId ? "conversation" : "list" });
    },
    setMode: (contactId, mode) => store.set((s) => ({ ...s, modes: mapWith(s.modes, contactId, mode) })),
    show: (screen) => patch({ screen }),
    togglePerson: (open) =>
      store.set((s) => {
        const personOpen = open ?? !s.personOpen;
        return { ...s, personOpen, screen: personOpen ? "person" : "conversation" };
      }),
    open: (overlay) => patch({ overlay }),
    close: () => patch({ overlay: null }),
    async change(settings) {
      // A language is shown once its texts are here.
      if (settings.language) await loadTexts(settings.language);
      store.set((s) => ({ ...s, settings: { ...s.settings, ...settings } }));
      saveSettings(store.get().settings);
    },
    dismiss: (id) => store.set((s) => ({ ...s, toasts: s.toasts.filter((t) => t.id !== id) })),
  };
}
