import { useActions, useDesk, useTexts } from "../context";
import { HeldDialog, SignOutDialog } from "./unsent_dialogs";
import { ContactList } from "./contact_list";
import { Conversation } from "./conversation";
import { Palette } from "./palette";
import { PersonPane } from "./person_pane";
import { QueuesDialog } from "./queues_dialog";
import { SettingsDialog } from "./settings_dialog";
import { Shortcuts } from "./shortcuts_dialog";
import { TopBar } from "./top_bar";
import { TransferDialog } from "./transfer_dialog";
import { useShortcuts } from "./use_shortcuts";

export function DeskScreen() {
  const screen = useDesk((s) => s.screen);
  const personOpen = useDesk((s) => s.personOpen);
  const { t } = useTexts();
  useShortcuts();
  return (
    <div class="desk" data-screen={screen} data-person={personOpen}>
      <a class="skip-link" href="#conversation">
        {t("skip.conversation")}
      </a>
      <TopBar />
      <main class="panes">
        <ContactList />
        <section class="middle" id="conversation" tabIndex={-1} aria-label={t("conversation.label")}>
          <Conversation />
        </section>
        <PersonPane />
      </main>
      <Overlays />
    </div>
  );
}

function Overlays() {
  const overlay = useDesk((s) => s.overlay);
  const { close } = useActions();
  switch (overlay?.kind) {
    case "palette":
      return <Palette />;
    case "shortcuts":
      return <Shortcuts onClose={close} />;
    case "settings":
      return <SettingsDialog onClose={close} />;
    case "transfer":
      return <TransferDialog contactId={overlay.contactId} onClose={close} />;
    case "sign-out":
      return <SignOutDialog onClose={close} />;
    case "held":
      return <HeldDialog onClose={close} />;
    case "queues":
      return <QueuesDialog onClose={close} />;
    default:
      return null;
  }
}
