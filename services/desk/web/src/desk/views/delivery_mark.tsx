import { DeliveryState } from "../../gen/haven/channels/v1/conversation_pb";
import { useTexts } from "../context";
import type { TextKey } from "../i18n/en";
import { Icon, type IconName } from "../ui/icon";

const MARKS: Readonly<Partial<Record<DeliveryState, { icon: IconName; text: TextKey; tone: string }>>> = {
  [DeliveryState.SENT]: { icon: "check", text: "delivery.sent", tone: "quiet" },
  [DeliveryState.DELIVERED]: { icon: "checks", text: "delivery.delivered", tone: "quiet" },
  [DeliveryState.READ]: { icon: "checks", text: "delivery.read", tone: "read" },
  [DeliveryState.FAILED]: { icon: "alert", text: "delivery.failed", tone: "danger" },
  [DeliveryState.PERHAPS_SENT]: { icon: "warn", text: "delivery.perhaps", tone: "warn" },
};

// Icon and word together: the state is read, not guessed from a colour.
export function DeliveryMark({ state }: { state: DeliveryState }) {
  const { t } = useTexts();
  const mark = MARKS[state];
  if (!mark) return null;
  return (
    <span class={`delivery delivery-${mark.tone}`} data-delivery={DeliveryState[state]}>
      <Icon name={mark.icon} size={14} />
      {t(mark.text)}
    </span>
  );
}
