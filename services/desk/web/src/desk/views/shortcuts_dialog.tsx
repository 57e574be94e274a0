import { useTexts } from "../context";
import { Dialog } from "../ui/dialog";
import { SHORTCUTS } from "./shortcuts";

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const groups = [...new Set(SHORTCUTS.map((s) => s.group))];
  return (
    <Dialog title={t("shortcuts.title")} onClose={onClose} size="wide">
      <div class="shortcut-groups">
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(group)}</h3>
            <dl class="shortcuts">
              {SHORTCUTS.filter((s) => s.group === group).map((s) => (
                <div key={s.keys}>
                  <dt>{t(s.text)}</dt>
                  <dd>
                    <kbd class="keys" dir="ltr">
                      {s.keys}
                    </kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
