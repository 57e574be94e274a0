import { useActions, useDesk, useTexts } from "../context";
import type { Toast, ToastKind } from "../state/model";
import { Button, IconButton } from "./button";
import { Icon, type IconName } from "./icon";

const ICONS: Readonly<Record<ToastKind, IconName>> = { info: "bell", ok: "check", warn: "warn", danger: "alert" };

export function Toasts() {
  const toasts = useDesk((s) => s.toasts);
  const { t } = useTexts();
  return (
    <div class="toasts" role="region" aria-label={t("toasts.label")} aria-live="polite">
      {toasts.map((toast) => (
        <ToastView key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastView({ toast }: { toast: Toast }) {
  const { t } = useTexts();
  const { dismiss } = useActions();
  return (
    <div class={`toast toast-${toast.kind}`}>
      <Icon name={ICONS[toast.kind]} />
      <p>{toast.text}</p>
      {toast.action && (
        <Button
          onClick={() => {
            toast.action?.run();
            dismiss(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton icon="close" label={t("close")} onClick={() => dismiss(toast.id)} />
    </div>
  );
}

// What a screen reader says: one polite and one urgent region that exist from the start.
export function Announcer() {
  const { text, urgent, count } = useDesk((s) => s.announcement);
  // A trailing no-break space on every second one makes a repeated sentence news again.
  const said = count % 2 === 0 ? text : `${text}\u00a0`;
  return (
    <>
      <div class="visually-hidden" aria-live="polite" aria-atomic="true">
        {urgent ? "" : said}
      </div>
      <div class="visually-hidden" aria-live="assertive" aria-atomic="true">
        {urgent ? said : ""}
      </div>
    </>
  );
}
