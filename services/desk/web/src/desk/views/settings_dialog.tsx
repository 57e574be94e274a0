import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { useActions, useDesk, useTexts } from "../context";
import type { Settings } from "../state/settings";
import { Dialog } from "../ui/dialog";
import { chime } from "../ui/sound";

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const { change } = useActions();
  const settings = useDesk((s) => s.settings);
  return (
    <Dialog title={t("settings.title")} onClose={onClose}>
      <div class="stack">
        <Choices
          name={t("settings.language")}
          value={settings.language}
          options={[
            ["en", <span lang="en">English</span>],
            ["ar", <span lang="ar">العربية</span>],
          ]}
          onChange={(language) => void change({ language })}
        />
        <Choices
          name={t("settings.theme")}
          value={settings.theme}
          options={[
            ["auto", t("settings.theme-auto")],
            ["light", t("settings.theme-light")],
            ["dark", t("settings.theme-dark")],
          ]}
          onChange={(theme) => void change({ theme })}
        />
        <Choices
          name={t("settings.send")}
          value={settings.sendKey}
          options={[
            ["enter", <span dir="ltr">Enter</span>],
            ["ctrl-enter", <span dir="ltr">Ctrl + Enter</span>],
          ]}
          onChange={(sendKey) => void change({ sendKey })}
        />
        <Switch
          name={t("settings.sound")}
          hint={t("settings.sound-how")}
          on={settings.sound}
          onChange={(sound) => {
            void change({ sound });
            if (sound) chime("offer");
          }}
        />
        <Switch
          name={t("settings.notifications")}
          hint={notificationHint(t)}
          on={settings.notifications && allowed() === "granted"}
          onChange={(on) => void ask(on, change)}
        />
        <Switch name={t("settings.blur")} hint={t("settings.blur-how")} on={settings.blur} onChange={(blur) => void change({ blur })} />
      </div>
    </Dialog>
  );
}

function allowed(): NotificationPermission {
  return "Notification" in window ? Notification.permission : "denied";
}

function notificationHint(t: ReturnType<typeof useTexts>["t"]): string {
  return allowed() === "denied" ? t("settings.notifications-denied") : t("settings.notifications-how");
}

async function ask(on: boolean, change: (settings: Partial<Settings>) => Promise<void>): Promise<void> {
  if (on && allowed() === "default") await Notification.requestPermission();
  await change({ notifications: on && allowed() === "granted" });
}

interface ChoicesProps<T extends string> {
  readonly name: string;
  readonly value: T;
  readonly options: readonly (readonly [T, ComponentChildren])[];
  readonly onChange: (value: T) => void;
}

function Choices<T extends string>({ name, value, options, onChange }: ChoicesProps<T>) {
  const id = useId();
  return (
    <fieldset class="choices">
      <legend>{name}</legend>
      <div class="segments">
        {options.map(([option, label]) => (
          <label key={option} class="segment">
            <input type="radio" name={id} checked={option === value} onChange={() => onChange(option)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SwitchProps {
  readonly name: string;
  readonly hint: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

function Switch({ name, hint, on, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div class="switch">
      <div>
        <label for={id}>{name}</label>
        <p class="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={on}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  );
}
