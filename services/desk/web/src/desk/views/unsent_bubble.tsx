import { useActions, useDesk, useTexts } from "../context";
import type { TextKey } from "../i18n/en";
import type { Outgoing } from "../outbox/queue";
import type { Trouble } from "../api/errors";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { ForeignText } from "../ui/text";

const WHY: Readonly<Partial<Record<Trouble, TextKey>>> = {
  "lost-race": "unsent.moved",
  "wrong-state": "unsent.moved",
  forbidden: "unsent.moved",
  invalid: "unsent.invalid",
};

export function UnsentBubble({ item }: { item: Outgoing }) {
  const { t, f } = useTexts();
  const { retry, discard } = useActions();
  const live = useDesk((s) => s.online && s.link.state === "live");
  const failed = item.state === "failed";
  return (
    <div class={`message message-${item.kind === "note" ? "note" : "agent"} message-unsent`} data-state={item.state}>
      <div class="bubble">
        <p class="bubble-text" dir="auto">
          <ForeignText text={item.text} />
        </p>
      </div>
      <p class="meta">
        <span>{f.time(new Date(item.createdAt))}</span>
        {failed ? (
          <span class="delivery delivery-danger">
            <Icon name="alert" size={14} />
            {t(WHY[item.trouble ?? "bug"] ?? "unsent.failed")}
          </span>
        ) : (
          <span class="delivery delivery-quiet">
            <Icon name="clock" size={14} />
            {live ? t("unsent.sending") : t("unsent.waiting")}
          </span>
        )}
      </p>
      {!failed && item.attempts > 0 && (
        <div class="unsent-buttons">
          <Button kind="quiet" icon="trash" onClick={() => void discard(item.requestId)}>
            {t("unsent.discard")}
          </Button>
        </div>
      )}
      {failed && (
        <div class="unsent-buttons">
          <Button icon="retry" onClick={() => void retry(item.requestId)}>
            {t("unsent.retry")}
          </Button>
          <Button kind="quiet" icon="copy" onClick={() => void navigator.clipboard?.writeText(item.text)}>
            {t("unsent.copy")}
          </Button>
          <Button kind="quiet" icon="trash" onClick={() => void discard(item.requestId)}>
            {t("unsent.discard")}
          </Button>
        </div>
      )}
    </div>
  );
}
