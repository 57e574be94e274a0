import { memo } from "preact/compat";
import { AuthorKind, ConversationEvent, MessageKind, type Message } from "../../gen/haven/channels/v1/conversation_pb";
import type { TextKey } from "../i18n/en";
import { useDesk, useTexts, type Texts } from "../context";
import { dateOf, shownDelivery } from "../state/selectors";
import type { MessageLog } from "../state/feed_state";
import { Icon } from "../ui/icon";
import { ForeignText } from "../ui/text";
import { DeliveryMark } from "./delivery_mark";

// Messages of one author close together in time read as one turn: one name for all.
const TURN_MS = 5 * 60_000;

interface Props {
  readonly log: MessageLog;
  readonly personSeen: bigint;
  // The line "new" stands before the first message after this.
  readonly firstUnseen: bigint;
}

export function MessageRows({ log, personSeen, firstUnseen }: Props) {
  const texts = useTexts();
  const me = useDesk((s) => (s.session.state === "signed-in" ? s.session.user.id : ""));
  const { f, t } = texts;
  const now = new Date();
  let day = "";
  let marked = firstUnseen === 0n;
  return (
    <>
      {log.map((message, i) => {
        const at = dateOf(message.createTime) ?? now;
        const key = f.keyOfDay(at);
        const newDay = key !== day;
        day = key;
        const isNew = !marked && message.sequence > firstUnseen && message.authorKind === AuthorKind.PERSON;
        marked ||= isNew;
        return (
          <Row
            key={message.id}
            message={message}
            texts={texts}
            dayName={newDay ? f.dayName(at, now) : ""}
            newLine={isNew ? t("log.new-line") : ""}
            own={message.authorId !== "" && message.authorId === me}
            joined={!newDay && !isNew && sameTurn(log[i - 1], message)}
            delivery={shownDelivery(message, personSeen)}
          />
        );
      })}
    </>
  );
}

function sameTurn(before: Message | undefined, message: Message): boolean {
  if (!before || before.authorKind !== message.authorKind || before.authorId !== message.authorId) return false;
  if (before.kind !== message.kind || message.kind === MessageKind.EVENT) return false;
  return (dateOf(message.createTime)?.getTime() ?? 0) - (dateOf(before.createTime)?.getTime() ?? 0) < TURN_MS;
}

interface RowProps {
  readonly message: Message;
  readonly texts: Texts;
  readonly dayName: string;
  readonly newLine: string;
  readonly joined: boolean;
  // Written by the reader: it needs no name.
  readonly own: boolean;
  readonly delivery: Message["deliveryState"];
}

const Row = memo(function Row({ message, texts, dayName, newLine, joined, own, delivery }: RowProps) {
  return (
    <>
      {dayName && (
        <div class="day">
          <span>{dayName}</span>
        </div>
      )}
      {newLine && (
        <div class="day day-new">
          <span>{newLine}</span>
        </div>
      )}
      {message.kind === MessageKind.EVENT ? (
        <EventLine message={message} texts={texts} />
      ) : (
        <Bubble message={message} texts={texts} joined={joined} own={own} delivery={delivery} />
      )}
    </>
  );
});

const EVENTS: Readonly<Partial<Record<ConversationEvent, TextKey>>> = {
  [ConversationEvent.STARTED]: "event.started",
  [ConversationEvent.QUEUED]: "event.queued",
  [ConversationEvent.AGENT_JOINED]: "event.joined",
  [ConversationEvent.TRANSFERRED]: "event.transferred",
  [ConversationEvent.ENDED]: "event.ended",
  [ConversationEvent.PERSON_LEFT]: "event.left",
};

function EventLine({ message, texts }: { message: Message; texts: Texts }) {
  const key = EVENTS[message.event];
  const at = dateOf(message.createTime);
  if (!key) return null;
  return (
    <p class="event">
      {texts.t(key, { name: message.authorName || texts.t("author.colleague") })}
      {at && <time dateTime={at.toISOString()}>{texts.f.time(at)}</time>}
    </p>
  );
}

const SIDES: Readonly<Partial<Record<AuthorKind, "person" | "agent" | "bot">>> = {
  [AuthorKind.PERSON]: "person",
  [AuthorKind.AGENT]: "agent",
  [AuthorKind.FLOW]: "bot",
};

function Bubble({ message, texts, joined, own, delivery }: Omit<RowProps, "dayName" | "newLine">) {
  const { t, f } = texts;
  const note = message.kind === MessageKind.NOTE;
  const side = note ? "note" : (SIDES[message.authorKind] ?? "bot");
  const at = dateOf(message.createTime);
  return (
    <div class={`message message-${side}`} data-joined={joined} data-sequence={String(message.sequence)}>
      {!joined && (!own || note) && (
        <p class={side === "person" ? "author visually-hidden" : "author"}>
          {side === "bot" && <Icon name="bot" size={14} />}
          {note && <Icon name="note" size={14} />}
          <bdi>{authorOf(message, texts)}</bdi>
          {note && <span class="author-kind">{t("note.private")}</span>}
        </p>
      )}
      <div class="bubble" tabIndex={-1}>
        {message.text && (
          <p class="bubble-text" dir="auto">
            <ForeignText text={message.text} />
          </p>
        )}
        {message.choices.length > 0 && (
          <p class="asked" dir="auto" title={message.choices.map((c) => c.title).join("\n")}>
            <span class="visually-hidden">{t("message.choices")}: </span>
            {message.choices.map((c) => c.title).join(" · ")}
          </p>
        )}
      </div>
      <p class="meta">
        {at && (
          <time dateTime={at.toISOString()} title={f.dateTime(at)}>
            {f.time(at)}
          </time>
        )}
        {!note && <DeliveryMark state={delivery} />}
      </p>
    </div>
  );
}

function authorOf(message: Message, { t }: Texts): string {
  if (message.authorName) return message.authorName;
  switch (message.authorKind) {
    case AuthorKind.PERSON:
      return t("author.person");
    case AuthorKind.FLOW:
      return t("author.bot");
    default:
      return t("author.colleague");
  }
}
