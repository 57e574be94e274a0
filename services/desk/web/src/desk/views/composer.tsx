import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { draftKey } from "../actions/drafts";
import { useActions, useDesk, useTexts } from "../context";
import type { Mode } from "../state/model";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";

export const COMPOSER = "composer-text";
const MAX_CHARACTERS = 10_000;
const WARN_FROM = 9_500;

interface Props {
  readonly contactId: string;
  readonly conversationId: string;
  readonly personLeft: boolean;
}

export function Composer({ contactId, conversationId, personLeft }: Props) {
  const { t } = useTexts();
  const { send, setDraft, setMode } = useActions();
  const mode: Mode = useDesk((s) => s.modes.get(contactId) ?? "reply");
  const text = useDesk((s) => s.drafts.get(draftKey(conversationId, mode))?.text ?? "");
  const sendKey = useDesk((s) => s.settings.sendKey);
  const field = useRef<HTMLTextAreaElement>(null);
  useGrowing(field, text);
  // After an offer was taken the focus is nowhere: it belongs here. Not on a phone, where it would bring up the keyboard.
  useEffect(() => {
    if (document.activeElement === document.body && matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);

  // The field's own value, not the last rendered one: nothing typed in between is left behind.
  const submit = () => {
    const value = field.current?.value ?? "";
    if (!value.trim() || value.length > MAX_CHARACTERS) return;
    void send(contactId, mode, value);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const modifier = event.ctrlKey || event.metaKey;
    const sends = event.key === "Enter" && !event.shiftKey && !event.altKey && (modifier || sendKey === "enter");
    if (sends) submit();
    else if (event.key === "Escape" && mode === "note") setMode(contactId, "reply");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const label = mode === "note" ? t("composer.note-label") : t("composer.label");
  return (
    <form
      class={`composer composer-${mode}`}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {personLeft && mode === "reply" && (
        <p class="composer-hint">
          <Icon name="leave" size={14} />
          {t("composer.person-left")}
        </p>
      )}
      <textarea
        id={COMPOSER}
        ref={field}
        class="composer-text"
        dir="auto"
        rows={2}
        aria-label={label}
        placeholder={label}
        value={text}
        onInput={(event) => setDraft(conversationId, mode, event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="composer-bar">
        <div class="segments" role="group" aria-label={t("composer.kind")}>
          <ModeButton mode="reply" current={mode} contactId={contactId} />
          <ModeButton mode="note" current={mode} contactId={contactId} />
        </div>
        <span class="composer-count" role="status">
          {text.length > WARN_FROM && t("composer.left", { n: MAX_CHARACTERS - text.length })}
        </span>
        <span class="composer-newline">{sendKey === "enter" ? t("composer.newline") : ""}</span>
        <Button
          kind="primary"
          icon={mode === "note" ? "note" : "send"}
          keys={sendKey === "enter" ? "Enter" : "Ctrl Enter"}
          disabled={!text.trim() || text.length > MAX_CHARACTERS}
          onClick={submit}
        >
          {mode === "note" ? t("composer.save-note") : t("composer.send")}
        </Button>
      </div>
    </form>
  );
}

function ModeButton({ mode, current, contactId }: { mode: Mode; current: Mode; contactId: string }) {
  const { t } = useTexts();
  const { setMode } = useActions();
  return (
    <button
      type="button"
      class="segment"
      aria-pressed={mode === current}
      title={mode === "note" ? "Alt N" : undefined}
      onClick={() => {
        setMode(contactId, mode);
        document.getElementById(COMPOSER)?.focus();
      }}
    >
      <Icon name={mode === "note" ? "note" : "chat"} size={14} />
      {mode === "note" ? t("composer.note") : t("composer.reply")}
    </button>
  );
}

// As high as its text, between two lines and a third of the screen.
function useGrowing(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const el = field.current;
    if (!el) return;
    el.style.blockSize = "auto";
    el.style.blockSize = `${el.scrollHeight}px`;
  }, [field, text]);
}
