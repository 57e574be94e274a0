import { splitOverrides } from "../shared/bidi";
import type { Chat } from "./chat";
import { Icon } from "./icon";
import { chatTexts, type ChatKey } from "./texts";
import type { ChatLanguage, ChatState, Outgoing, WireMessage } from "./types";

const EVENTS: Readonly<Record<string, ChatKey>> = {
  CONVERSATION_EVENT_AGENT_JOINED: "event-joined",
  CONVERSATION_EVENT_TRANSFERRED: "event-transferred",
  CONVERSATION_EVENT_ENDED: "event-ended",
};

interface Props {
  readonly message: WireMessage;
  readonly before: WireMessage | undefined;
  readonly language: ChatLanguage;
  readonly outgoing: readonly Outgoing[];
}

export function Said({ message, before, language, outgoing }: Props) {
  const { t, tag } = chatTexts(language.tag);
  if (message.kind === "MESSAGE_KIND_EVENT") {
    const key = EVENTS[message.event ?? ""];
    return key ? <p class="event">{t(key, { name: message.authorName || t("agent") })}</p> : null;
  }
  const own = message.authorKind === "AUTHOR_KIND_PERSON";
  // Still in the queue of this page: its acknowledgement is a moment away.
  if (own && outgoing.some((o) => o.requestId === message.requestId)) return null;
  const first = before?.authorKind !== message.authorKind || before?.kind === "MESSAGE_KIND_EVENT";
  const name = own ? t("you") : message.authorKind === "AUTHOR_KIND_FLOW" ? t("bot") : message.authorName || t("agent");
  return (
    <div class={own ? "said said-own" : "said"}>
      <p class={first && !own ? "name" : "visually-hidden"}>
        <bdi>{name}</bdi>
      </p>
      <Words text={message.text ?? ""} override={t("override")} />
      <p class="meta">
        {message.createTime && <Clock at={message.createTime} tag={tag} />}
        {own && (
          <>
            <Icon name="check" size={13} />
            {t("sent")}
          </>
        )}
      </p>
    </div>
  );
}

// Always text, never markup; each message in its own direction.
function Words({ text, override }: { text: string; override: string }) {
  return (
    <p class="words" dir="auto">
      {splitOverrides(text).map((part, i) =>
        part.override ? <span key={i} class="override-mark" role="img" title={override} aria-label={override} /> : part.text,
      )}
    </p>
  );
}

function Clock({ at, tag }: { at: string; tag: string }) {
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  const format = new Intl.DateTimeFormat(tag, today ? { hour: "numeric", minute: "2-digit" } : { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  return <time dateTime={at}>{format.format(date)}</time>;
}

export function Unsent({ item, chat, state }: { item: Outgoing; chat: Chat; state: ChatState }) {
  const { t } = chatTexts(state.language.tag);
  const waiting = state.line === "lost" || !navigator.onLine;
  return (
    <div class="said said-own said-unsent">
      <p class="visually-hidden">{t("you")}</p>
      <Words text={item.text} override={t("override")} />
      {item.refused ? (
        <p class="meta meta-refused">
          <Icon name="alert" size={13} />
          {t("refused")}
          <button type="button" onClick={() => chat.retry(item.requestId)}>
            {t("retry")}
          </button>
          <button type="button" onClick={() => chat.discard(item.requestId)}>
            {t("discard")}
          </button>
        </p>
      ) : (
        <p class="meta">
          <Icon name="clock" size={13} />
          {waiting ? t("waiting") : t("sending")}
        </p>
      )}
    </div>
  );
}
