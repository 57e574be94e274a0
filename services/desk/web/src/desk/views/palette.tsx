import { useActions, useDesk, useTexts } from "../context";
import { personName, subjectTitle } from "../state/names";
import { heldContacts, isWrappingUp, openOffers, selectedAssignment } from "../state/selectors";
import { Keys } from "../ui/button";
import { Combo, type Option } from "../ui/combo";
import { Dialog } from "../ui/dialog";
import { Icon, type IconName } from "../ui/icon";
import { activityKey, CHOOSABLE } from "./activities";
import { useScope } from "../context";

export function Palette() {
  const { t } = useTexts();
  const { close } = useActions();
  const options = useCommands();
  return (
    <Dialog title={t("palette.title")} onClose={close} bare>
      <Combo
        label={t("palette.title")}
        placeholder={t("palette.placeholder")}
        emptyText={t("combo.empty")}
        options={options}
        autofocus
        onTake={(run) => {
          close();
          run();
        }}
      />
    </Dialog>
  );
}

type Command = Option<() => void>;

function command(id: string, group: string, icon: IconName, text: string, run: () => void, keys?: string, more = ""): Command {
  const content = (
    <>
      <Icon name={icon} />
      <bdi class="command-text">{text}</bdi>
      {more && <bdi class="quiet">{more}</bdi>}
      {keys && <Keys keys={keys} />}
    </>
  );
  return { id, group, value: run, words: `${text} ${more}`, content };
}

function useCommands(): Command[] {
  const { t } = useTexts();
  const actions = useActions();
  const settings = useDesk((s) => s.settings);
  const general = t("palette.general");
  const set = t("palette.settings");
  return [
    ...useContactCommands(),
    ...CHOOSABLE.map((a) => command(`activity-${a}`, t("palette.activity"), "clock", t(activityKey(a)), () => void actions.setActivity(a))),
    command("queues", general, "queue", t("queues.title"), () => actions.open({ kind: "queues" })),
    command("shortcuts", general, "keyboard", t("shortcuts.title"), () => actions.open({ kind: "shortcuts" }), "?"),
    command("settings", general, "settings", t("settings.title"), () => actions.open({ kind: "settings" })),
    command("theme", set, "settings", t("palette.theme"), () => void actions.change({ theme: settings.theme === "dark" ? "light" : "dark" })),
    command("language", set, "globe", settings.language === "ar" ? "English" : "العربية", () => void actions.change({ language: settings.language === "ar" ? "en" : "ar" })),
    command("sound", set, "bell", settings.sound ? t("palette.sound-off") : t("palette.sound-on"), () => void actions.change({ sound: !settings.sound })),
    command("blur", set, "person", settings.blur ? t("palette.blur-off") : t("palette.blur-on"), () => void actions.change({ blur: !settings.blur })),
    command("sign-out", general, "leave", t("sign-out"), () => void actions.signOut()),
  ];
}

function useContactCommands(): Command[] {
  const { t, tag, translator } = useTexts();
  const { store, actions } = useScope();
  // A picture of the moment in which the palette opened: entries do not jump under the hand.
  const state = store.get();
  const list: Command[] = [];
  const offer = openOffers(state)[0]?.reservation?.id;
  if (offer) {
    list.push(command("accept", t("shortcuts.offers"), "accept", t("offer.accept"), () => void actions.accept(offer), "Alt A"));
    list.push(command("decline", t("shortcuts.offers"), "close", t("offer.decline"), () => void actions.decline(offer), "Alt X"));
  }
  const id = state.selected;
  const assignment = selectedAssignment(state);
  if (id && assignment && !isWrappingUp(assignment)) {
    const group = t("shortcuts.conversation");
    list.push(command("complete", group, "check", t("complete"), () => void actions.complete(id), "Alt W"));
    list.push(command("transfer", group, "transfer", t("transfer.open"), () => actions.open({ kind: "transfer", contactId: id }), "Alt T"));
    list.push(command("note", group, "note", t("shortcuts.note"), () => actions.setMode(id, "note"), "Alt N"));
    list.push(command("person", group, "person", t("person.open"), () => actions.togglePerson(true), "Alt P"));
  }
  heldContacts(state).forEach(({ assignment: a, view }, i) => {
    const about = subjectTitle(state.hub, view?.contact?.subject ?? "", tag);
    const keys = i < 9 ? `Alt ${i + 1}` : undefined;
    list.push(command(a.contactId, t("contacts.mine"), "chat", personName(translator, view), () => actions.select(a.contactId), keys, about));
  });
  return list;
}
