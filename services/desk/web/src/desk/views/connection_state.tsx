import { useActions, useDesk, useHubNow, useTexts } from "../context";
import { Icon, type IconName } from "../ui/icon";

// Always on screen: the state of the line and what waits because of it.
export function ConnectionState() {
  const { t, f } = useTexts();
  const { retryLink, open } = useActions();
  const link = useDesk((s) => s.link);
  const online = useDesk((s) => s.online);
  const waiting = useDesk((s) => s.outbox.filter((i) => i.state === "queued" || i.state === "sending").length);
  const held = useDesk((s) => s.outbox.filter((i) => i.state === "held").length);
  const offset = useDesk((s) => s.feed.hubOffsetMs);
  const now = useHubNow() - offset;
  const seconds = Math.max(0, (now - link.since) / 1000);

  let kind: "live" | "trying" | "offline" = "trying";
  let icon: IconName = "retry";
  let text = t("line.connecting");
  if (!online) {
    kind = "offline";
    icon = "line-off";
    text = t("line.offline");
  } else if (link.state === "live") {
    kind = "live";
    icon = "line";
    text = t("line.live");
  } else if (link.state === "reconnecting") {
    text = t("line.reconnecting", { since: f.span(seconds) });
  }
  const trouble = kind !== "live";
  return (
    <div class="line-state">
      <button
        type="button"
        class={`line line-${kind}`}
        title={trouble ? t("line.retry") : text}
        onClick={retryLink}
      >
        <Icon name={icon} />
        <span class="line-text">{text}</span>
        {waiting > 0 && trouble && <span class="line-waiting">{t("line.waiting", { n: waiting })}</span>}
        {trouble && <span class="visually-hidden">{t("line.retry")}</span>}
      </button>
      {held > 0 && (
        <button type="button" class="line line-trying" onClick={() => open({ kind: "held" })}>
          <Icon name="history" />
          <span>{t("held.open", { n: held })}</span>
        </button>
      )}
    </div>
  );
}
