import { useActions, useDesk, useTexts } from "../context";
import { Icon, type IconName } from "../ui/icon";
import { Menu, type MenuItem } from "../ui/menu";

export function MeMenu() {
  const { t } = useTexts();
  const actions = useActions();
  const user = useDesk((s) => (s.session.state === "signed-in" ? s.session.user : null));
  if (!user) return null;
  const item = (id: string, icon: IconName, label: string, run: () => void): MenuItem => ({
    id,
    label,
    run,
    content: (
      <>
        <Icon name={icon} />
        <span>{label}</span>
      </>
    ),
  });
  const items = [
    item("queues", "queue", t("queues.title"), () => actions.open({ kind: "queues" })),
    item("settings", "settings", t("settings.title"), () => actions.open({ kind: "settings" })),
    item("shortcuts", "keyboard", t("shortcuts.title"), () => actions.open({ kind: "shortcuts" })),
    item("sign-out", "leave", t("sign-out"), () => void actions.signOut()),
  ];
  return (
    <Menu label={t("me.menu")} className="me-button" items={items} align="end">
      <span class="avatar" aria-hidden="true">
        {initials(user.displayName || user.username)}
      </span>
      <bdi class="me-name">{user.displayName || user.username}</bdi>
      <span class="visually-hidden">{t("me.menu")}</span>
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = (word: string | undefined) => [...(word ?? "")][0] ?? "";
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : "")).toLocaleUpperCase();
}
