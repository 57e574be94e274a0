import { Activity } from "../../gen/haven/routing/v1/routing_pb";
import { useActions, useDesk, useHubNow, usePending, useTexts } from "../context";
import { dateOf } from "../state/selectors";
import { Icon } from "../ui/icon";
import { Menu } from "../ui/menu";
import { activityKey, activityTone, CHOOSABLE } from "./activities";

export const ACTIVITY_BUTTON = "activity-button";

export function ActivityControl() {
  const { t } = useTexts();
  const { setActivity } = useActions();
  const agent = useDesk((s) => s.feed.agent);
  const busy = usePending("activity");
  const activity = agent?.activity ?? Activity.UNSPECIFIED;
  const tone = activityTone(activity);
  const items = CHOOSABLE.map((choice) => ({
    id: String(choice),
    label: t(activityKey(choice)),
    checked: choice === activity,
    content: (
      <>
        <span class={`dot dot-${activityTone(choice)}`} />
        <span>{t(activityKey(choice))}</span>
        {choice === activity && <Icon name="check" />}
      </>
    ),
    run: () => void setActivity(choice),
  }));
  return (
    <div class="activity" aria-busy={busy}>
      <Menu
        label={t("palette.activity")}
        className={`activity-button activity-${tone}`}
        buttonId={ACTIVITY_BUTTON}
        items={items}
      >
        <span class={`dot dot-${tone}`} />
        <span class="visually-hidden">{t("palette.activity")}</span>
        <span class="activity-name">{t(activityKey(activity))}</span>
        <TimeInState since={dateOf(agent?.activityTime)} />
        <Icon name="chevron" />
      </Menu>
      {activity !== Activity.AVAILABLE && agent && (
        <button type="button" class="go-available" aria-disabled={busy} onClick={() => void setActivity(Activity.AVAILABLE)}>
          {t("activity.go-available")}
        </button>
      )}
    </div>
  );
}

function TimeInState({ since }: { since: Date | undefined }) {
  const now = useHubNow();
  const { f } = useTexts();
  if (!since) return null;
  return <span class="activity-time" aria-hidden="true">{f.stopwatch((now - since.getTime()) / 1000)}</span>;
}
