import { useActions, useDesk, useTexts } from "../context";
import { IconButton } from "../ui/button";
import { Icon } from "../ui/icon";
import { ActivityControl } from "./activity_control";
import { ConnectionState } from "./connection_state";
import { MeMenu } from "./me_menu";

export function TopBar() {
  const { t } = useTexts();
  const { open, show } = useActions();
  const hubName = useDesk((s) => s.hub?.displayName ?? "");
  const sound = useDesk((s) => s.settings.sound);
  const { change } = useActions();
  return (
    <header class="top-bar">
      <div class="top-back">
        <IconButton icon="back" label={t("back")} onClick={() => show("list")} />
      </div>
      <h1 class="hub-name" title={hubName}>
        <span class="mark" aria-hidden="true" />
        <bdi>{hubName || t("title")}</bdi>
      </h1>
      <ActivityControl />
      <div class="top-space" />
      <ConnectionState />
      <button type="button" class="search-button" onClick={() => open({ kind: "palette" })} aria-keyshortcuts="Control+K">
        <Icon name="search" />
        <span>{t("palette.open")}</span>
        <kbd class="keys" dir="ltr">
          Ctrl K
        </kbd>
      </button>
      <IconButton
        icon={sound ? "bell" : "bell-off"}
        label={sound ? t("sound.on") : t("sound.off")}
        pressed={sound}
        onClick={() => void change({ sound: !sound })}
      />
      <MeMenu />
    </header>
  );
}
