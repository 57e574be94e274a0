import { useDesk, useTexts } from "../context";
import { isWrappingUp, selectedAssignment, selectedView } from "../state/selectors";
import { Icon } from "../ui/icon";
import { Composer } from "./composer";
import { ConversationHead } from "./conversation_head";
import { MessageLogView } from "./message_log";
import { ReopenedBanner } from "./reopened_banner";
import { WrapUpSheet } from "./wrap_up_sheet";

export function Conversation() {
  const selected = useDesk((s) => s.selected);
  const view = useDesk(selectedView);
  const assignment = useDesk(selectedAssignment);
  if (!selected || !view?.contact) return <NothingChosen />;
  const conversationId = view.contact.conversationId;
  return (
    <section class="conversation" key={selected}>
      <ConversationHead view={view} assignment={assignment} />
      <ReopenedBanner contactId={selected} />
      <MessageLogView conversationId={conversationId} contactId={selected} personSeen={view.personSeenSequence} />
      {isWrappingUp(assignment) ? (
        <WrapUpSheet assignment={assignment!} />
      ) : assignment ? (
        <Composer contactId={selected} conversationId={conversationId} personLeft={view.contact.personLeft} />
      ) : (
        <NotMine />
      )}
    </section>
  );
}

function NotMine() {
  const { t } = useTexts();
  return (
    <p class="not-mine" role="status">
      <Icon name="check" />
      {t("conversation.not-mine")}
    </p>
  );
}

function NothingChosen() {
  const { t } = useTexts();
  const hasContacts = useDesk((s) => (s.feed.agent?.assignments.length ?? 0) > 0);
  return (
    <div class="nothing">
      <Icon name="chat" size={32} />
      <h2>{hasContacts ? t("conversation.choose") : t("conversation.none")}</h2>
      <p>{hasContacts ? t("conversation.choose-how") : t("conversation.none-how")}</p>
    </div>
  );
}
