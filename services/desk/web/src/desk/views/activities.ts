// The activities an agent may choose, in the order of the menu.
import { Activity } from "../../gen/haven/routing/v1/routing_pb";
import type { TextKey } from "../i18n/en";

export const CHOOSABLE: readonly Activity[] = [
  Activity.AVAILABLE,
  Activity.BREAK,
  Activity.LUNCH,
  Activity.WELLBEING,
  Activity.TRAINING,
  Activity.BACK_OFFICE,
  Activity.OFFLINE,
];

const KEYS: Readonly<Record<Activity, TextKey>> = {
  [Activity.UNSPECIFIED]: "activity.unknown",
  [Activity.AVAILABLE]: "activity.available",
  [Activity.BREAK]: "activity.break",
  [Activity.LUNCH]: "activity.lunch",
  [Activity.TRAINING]: "activity.training",
  [Activity.WELLBEING]: "activity.wellbeing",
  [Activity.BACK_OFFICE]: "activity.back-office",
  [Activity.MISSED_OFFER]: "activity.missed",
  [Activity.OFFLINE]: "activity.offline",
};

export function activityKey(activity: Activity): TextKey {
  return KEYS[activity] ?? "activity.unknown";
}

// Shape and colour together, so that neither is needed alone.
export function activityTone(activity: Activity): "ok" | "away" | "warn" | "off" {
  switch (activity) {
    case Activity.AVAILABLE:
      return "ok";
    case Activity.MISSED_OFFER:
      return "warn";
    case Activity.OFFLINE:
    case Activity.UNSPECIFIED:
      return "off";
    default:
      return "away";
  }
}
