import { AuthorKind, type Message } from "../../gen/haven/channels/v1/conversation_pb";
import { oneLine } from "../../shared/bidi";
import { languageName } from "../../shared/format";
import { useActions, useDesk, useHubNow, useTexts } from "../context";
import { personName, subjectTitle } from "../state/names";
import { dateOf, isWrappingUp, lastSaid, logOf, unreadCount, unsentOf, waitingSince, type HeldContact } from "../state/selectors";
import { sameItems } from "../state/store";
import { Icon } from "../ui/icon";

export function ContactCard({ held }: { held: HeldContact }) {
  const { t, tag, translator } = useTexts();
  const { select } = useActions();
  const { assignment, view } = held;
  const { contactId, conversationId } = assignment;
  const selected = useDesk((s) => s.selected === contactId);
  const log = useDesk((s) => logOf(s, conversationId));
  const unread = useDesk((s) => unreadCount(s, conversationId));
  const unsent = useDesk((s) => unsentOf(s, conversationId), sameItems);
  const hasDraft = useDesk((s) => Boolean(s.drafts.get(conversationId)?.text.trim()));
  const hub = useDesk((s) => s.hub);
  const wrapping = isWrappingUp(assignment);
  const failed = unsent.some((item) => item.state === "failed");
  const about = [subjectTitle(hub, view?.contact?.subject ?? "", tag), languageName(view?.contact?.language ?? "", tag)];
  const since = wrapping ? undefined : waitingSince(log);
  return (
    <button
      type="button"
      class="card"
      data-contact={contactId}
      data-wrapping={wrapping}
      aria-current={selected ? "true" : undefined}
      onClick={() => select(contactId)}
    >
      <span class="card-line">
        <Icon name={wrapping ? "note" : "chat"} />
        <bdi class="card-name">{personName(translator, view)}</bdi>
        {since && !failed && <Waiting since={since} />}
        {wrapping && <WrapUpLeft end={dateOf(assignment.wrapUpEndTime)} />}
      </span>
      <span class="card-about">{about.filter(Boolean).join(" · ")}</span>
      <span class="card-line card-last">
        <Preview message={lastSaid(log)} hasDraft={hasDraft && !selected} />
        {failed && (
          <span class="chip chip-danger">
            <Icon name="alert" size={12} />
            {t("card.not-sent")}
          </span>
        )}
        {unread > 0 && (
          <span class="unread" role="img" aria-label={t("card.unread", { n: unread })}>
            {unread}
          </span>
        )}
      </span>
    </button>
  );
}

function Preview({ message, hasDraft }: { message: Message | undefined; hasDraft: boolean }) {
  const { t } = useTexts();
  if (hasDraft) return <span class="preview preview-draft">{t("card.draft")}</span>;
  if (!message) return <span class="preview" />;
  const own = message.authorKind === AuthorKind.AGENT;
  return (
    <span class="preview">
      {own && <span class="preview-own">{t("card.you")}</span>}
      <span class="preview-text" dir="auto">
        {oneLine(message.text)}
      </span>
    </span>
  );
}

// Urgency is visible, not loud: the number gains weight, then the colour of a warning.
function Waiting({ since }: { since: Date }) {
  const now = useHubNow(5000);
  const { t, f } = useTexts();
  const seconds = (now - since.getTime()) / 1000;
  // Seconds that tick would call for attention that nobody needs yet.
  if (seconds < 30) return null;
  const level = seconds > 300 ? "late" : seconds > 90 ? "soon" : "fresh";
  const text = f.span(seconds);
  return (
    <span class={`waiting waiting-${level}`} title={t("card.waiting", { time: text })}>
      {level === "late" && <Icon name="clock" size={12} />}
      <span class="visually-hidden">{t("card.waiting", { time: text })}</span>
      <span aria-hidden="true">{text}</span>
    </span>
  );
}

function WrapUpLeft({ end }: { end: Date | undefined }) {
  const now = useHubNow(1000);
  const { t, f } = useTexts();
  if (!end) return null;
  return (
    <span class="waiting" title={t("wrapup.title")}>
      {f.stopwatch((end.getTime() - now) / 1000)}
    </span>
  );
}
