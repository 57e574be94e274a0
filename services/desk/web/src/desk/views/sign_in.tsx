import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../api/errors";
import { useActions, useDesk, useTexts } from "../context";
import { Icon } from "../ui/icon";
import { LanguageSwitch } from "./language_switch";

interface Props {
  // A session ended without the person asking for it.
  readonly ended: boolean;
  readonly unreachable: boolean;
}

export function SignIn({ ended, unreachable }: Props) {
  const { t } = useTexts();
  const { signIn } = useActions();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | undefined>();
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.focus(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    const failed = await signIn(name.current?.value ?? "", password.current?.value ?? "");
    setBusy(false);
    if (!failed) return;
    setFailure(failed);
    password.current?.select();
  };
  return (
    <main class="sign-in">
      <div class="sign-in-box">
        <p class="sign-in-mark">
          <span class="mark" aria-hidden="true" />
          {t("title")}
        </p>
        <h1>{t("sign-in.title")}</h1>
        {ended && <EndedNotice />}
        {unreachable && !failure && <Notice kind="warn" text={t("sign-in.unreachable")} />}
        <form onSubmit={(event) => void submit(event)}>
          <label class="field-label" for="username">
            {t("sign-in.name")}
          </label>
          <input id="username" ref={name} class="input" dir="ltr" autocomplete="username" autocapitalize="none" spellcheck={false} required />
          <label class="field-label" for="password">
            {t("sign-in.password")}
          </label>
          <input id="password" ref={password} class="input" dir="ltr" type="password" autocomplete="current-password" required />
          <div role="alert">{failure && <Notice kind="danger" text={sentence(t, failure)} />}</div>
          <button type="submit" class="button button-primary button-wide" aria-busy={busy}>
            {busy ? t("sign-in.busy") : t("sign-in.do")}
          </button>
        </form>
      </div>
      <LanguageSwitch />
    </main>
  );
}

function EndedNotice() {
  const { t } = useTexts();
  const unsent = useDesk((s) => s.outbox.length);
  const text = unsent > 0 ? `${t("sign-in.ended")} ${t("sign-in.ended-unsent", { n: unsent })}` : t("sign-in.ended");
  return <Notice kind="warn" text={text} />;
}

function Notice({ kind, text }: { kind: "warn" | "danger"; text: string }) {
  return (
    <p class={`notice notice-${kind}`}>
      <Icon name={kind === "warn" ? "warn" : "alert"} />
      <span>{text}</span>
    </p>
  );
}

function sentence(t: ReturnType<typeof useTexts>["t"], failure: Failure): string {
  switch (failure.trouble) {
    case "signed-out":
    case "forbidden":
    case "invalid":
      return t("sign-in.wrong");
    case "throttled":
      return t("sign-in.throttled", { n: failure.retryAfter ?? 30 });
    case "unreachable":
      return t("sign-in.unreachable");
    default:
      return t("error.bug");
  }
}
