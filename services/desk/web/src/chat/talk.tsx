import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useShown, type ViewProps } from "./app";
import { Compose } from "./compose";
import { tellSite } from "./exit";
import { lastSequence, openQuestion, sequenceOf } from "./merge";
import { Said, Unsent } from "./said";
import { chatTexts } from "./texts";
import type { ChatState } from "./types";

const AT_END_PX = 60;

export function Talk({ chat, state }: ViewProps) {
  const { t } = chatTexts(state.language.tag);
  const { messages, outgoing } = state;
  const { box, rows, atEnd, toEnd } = useEnd(messages.length + outgoing.length);
  const shown = useShown();
  const question = openQuestion(messages, outgoing);
  const last = lastSequence(messages);
  const [read, setRead] = useState(0);
  useEffect(() => {
    if (!shown || !atEnd) return;
    setRead(last);
    chat.seen();
  }, [shown, atEnd, last, chat]);
  const unread = messages.filter((m) => sequenceOf(m) > read && m.authorKind !== "AUTHOR_KIND_PERSON" && m.text).length;
  useEffect(() => {
    tellSite({ haven: "unread", count: unread });
    document.title = unread > 0 ? `(${unread}) ${t("chat")}` : t("chat");
  }, [unread, t]);

  return (
    <main class="talk">
      <Status state={state} />
      <div class="log" ref={box} role="log" aria-live="polite" aria-label={t("messages")} tabIndex={0}>
        <div class="rows" ref={rows}>
        {messages.map((message, i) => (
          <Said key={message.id} message={message} before={messages[i - 1]} language={state.language} outgoing={outgoing} />
        ))}
        {outgoing.map((item) => (
          <Unsent key={item.requestId} item={item} chat={chat} state={state} />
        ))}
        {question && (
          <div class="choices" role="group" aria-label={t("choices")}>
            {question.choices!.map((choice) => (
              <button key={choice.id} type="button" dir="auto" onClick={() => chat.post(choice.title, choice.id)}>
                {choice.title}
              </button>
            ))}
          </div>
        )}
        </div>
      </div>
      {!atEnd && unread > 0 && (
        <button type="button" class="jump" onClick={toEnd}>
          {t("new")}
        </button>
      )}
      <Compose chat={chat} state={state} />
    </main>
  );
}

// Who answers, how long it takes, whether the line holds: one sentence, always there.
function Status({ state }: { state: ChatState }) {
  const { t } = chatTexts(state.language.tag);
  const { who, line } = state;
  const minutes = Math.max(1, Math.round(who.waitSeconds / 60));
  const sentences: string[] = [];
  if (line === "lost") sentences.push(t("line-lost"));
  else if (line === "connecting" && state.messages.length === 0) sentences.push(t("line-connecting"));
  else if (who.kind === "queue") {
    sentences.push(who.waitSeconds > 0 ? t("who-queue-wait", { n: minutes }) : t("who-queue"));
    if (state.durable) sentences.push(t("who-queue-stay"));
  } else if (who.kind === "agent") sentences.push(who.name ? t("who-agent", { name: who.name }) : t("who-agent-plain"));
  else sentences.push(t(`who-${who.kind}`));
  return (
    <p class={line === "lost" ? "status status-lost" : `status status-${who.kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      <span>{sentences.join(" ")}</span>
    </p>
  );
}

// At the end while the reader is there; a reader further up is not moved.
function useEnd(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const stay = useRef(true);
  const toEnd = () => {
    const el = box.current;
    if (el) el.scrollTop = el.scrollHeight;
  };
  useLayoutEffect(() => {
    if (stay.current) toEnd();
  }, [count]);
  useEffect(() => {
    const el = box.current!;
    const measure = () => {
      stay.current = el.scrollHeight - el.scrollTop - el.clientHeight < AT_END_PX;
      setAtEnd(stay.current);
    };
    el.addEventListener("scroll", measure, { passive: true });
    const resized = typeof ResizeObserver === "function" ? new ResizeObserver(() => stay.current && toEnd()) : undefined;
    resized?.observe(el);
    resized?.observe(rows.current!);
    return () => {
      el.removeEventListener("scroll", measure);
      resized?.disconnect();
    };
  }, []);
  return { box, rows, atEnd, toEnd };
}
