import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ViewProps } from "./app";
import { Icon } from "./icon";
import { chatTexts } from "./texts";

const MAX_CHARACTERS = 4000;

export function Compose({ chat, state }: ViewProps) {
  const { t } = chatTexts(state.language.tag);
  const [text, setText] = useState(chat.memory.draft);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  useLayoutEffect(() => {
    const el = field.current!;
    el.style.blockSize = "auto";
    el.style.blockSize = `${el.scrollHeight + 2}px`;
  }, [text]);
  const change = (value: string) => {
    setText(value);
    chat.memory.draft = value;
  };
  const submit = () => {
    const value = field.current?.value ?? "";
    if (!value.trim()) return;
    chat.post(value);
    change("");
    field.current?.focus();
  };
  return (
    <form
      class="compose"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="compose-line">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          maxLength={MAX_CHARACTERS}
          aria-label={t("write")}
          placeholder={t("write")}
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={(event) => {
            // On a phone the key is a new line; the button sends.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
            event.preventDefault();
            submit();
          }}
        />
        <button type="submit" class="send" aria-label={t("send")} disabled={!text.trim()}>
          <Icon name="send" size={20} />
        </button>
      </div>
      <Forget chat={chat} state={state} />
    </form>
  );
}

function Forget({ chat, state }: ViewProps) {
  const { t } = chatTexts(state.language.tag);
  const [asking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asking) keep.current?.focus();
  }, [asking]);
  if (!asking) {
    return (
      <button type="button" class="small" onClick={() => setAsking(true)}>
        {t("forget")}
      </button>
    );
  }
  return (
    <div class="ask" role="alertdialog" aria-label={t("forget")} aria-describedby="forget-text">
      <p id="forget-text">{t("forget-ask")}</p>
      <button type="button" class="small" onClick={() => chat.forget()}>
        {t("forget-do")}
      </button>
      <button type="button" class="small" ref={keep} onClick={() => setAsking(false)}>
        {t("forget-keep")}
      </button>
    </div>
  );
}
