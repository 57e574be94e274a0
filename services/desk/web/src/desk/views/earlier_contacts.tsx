import { useEffect, useState } from "preact/hooks";
import type { Contact, Message } from "../../gen/haven/channels/v1/conversation_pb";
import { useActions, useDesk, useTexts } from "../context";
import { subjectTitle, titleOf } from "../state/names";
import { dateOf } from "../state/selectors";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { MessageRows } from "./message_rows";

export function EarlierContacts({ conversationId, currentId }: { conversationId: string; currentId: string }) {
  const { t } = useTexts();
  const { loadHistory } = useActions();
  const history = useDesk((s) => s.history.get(conversationId));
  const synced = useDesk((s) => s.feed.synced);
  useEffect(() => {
    if (!history && synced) void loadHistory(conversationId);
  }, [conversationId, synced]);
  const earlier = history?.contacts.filter((c) => c.id !== currentId) ?? [];
  return (
    <section>
      <h3>{t("history.title")}</h3>
      {history?.state === "ready" && earlier.length === 0 && <p class="quiet">{t("history.none")}</p>}
      <ul class="history">
        {earlier.map((contact) => (
          <li key={contact.id}>
            <EarlierContact contact={contact} />
          </li>
        ))}
      </ul>
      {history?.state === "loading" && <p class="quiet late-notice">{t("log.loading")}</p>}
      {history?.state === "failed" && (
        <p class="quiet">
          {t("history.failed")}{" "}
          <Button kind="quiet" icon="retry" onClick={() => void loadHistory(conversationId)}>
            {t("unsent.retry")}
          </Button>
        </p>
      )}
      {history?.state === "ready" && history.nextPage && (
        <Button kind="quiet" onClick={() => void loadHistory(conversationId)}>
          {t("history.more")}
        </Button>
      )}
    </section>
  );
}

function EarlierContact({ contact }: { contact: Contact }) {
  const { t, f, tag } = useTexts();
  const { readContact } = useActions();
  const hub = useDesk((s) => s.hub);
  const [open, setOpen] = useState(false);
  const [messages, setMessages] = useState<readonly Message[] | "failed" | undefined>();
  const at = dateOf(contact.createTime);
  const disposition = hub?.dispositions.find((d) => d.key === contact.disposition);
  const read = async () => {
    setOpen(!open);
    if (open || Array.isArray(messages)) return;
    try {
      setMessages(await readContact(contact.conversationId, contact.id, contact.lastInboundSequence));
    } catch {
      setMessages("failed");
    }
  };
  return (
    <div class="earlier">
      <button type="button" class="earlier-head" aria-expanded={open} onClick={() => void read()}>
        <Icon name="chevron" />
        <span class="earlier-what">
          <bdi>{subjectTitle(hub, contact.subject, tag) || t("history.no-subject")}</bdi>
          <span class="quiet">{[at && f.date(at), disposition && titleOf(disposition.titles, disposition.key, tag)].filter(Boolean).join(" · ")}</span>
        </span>
      </button>
      {open && (
        <div class="earlier-log">
          {messages === undefined && <p class="quiet late-notice">{t("log.loading")}</p>}
          {messages === "failed" && <p class="quiet">{t("history.failed")}</p>}
          {Array.isArray(messages) && <MessageRows log={messages as readonly Message[]} personSeen={0n} firstUnseen={0n} />}
        </div>
      )}
    </div>
  );
}
