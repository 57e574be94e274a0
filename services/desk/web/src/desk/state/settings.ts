// What an agent chooses for this browser. Nothing here is about a person.
export interface Settings {
  readonly language: "en" | "ar";
  readonly theme: "auto" | "light" | "dark";
  readonly sendKey: "enter" | "ctrl-enter";
  readonly sound: boolean;
  readonly notifications: boolean;
  readonly blur: boolean;
}

export const languages = ["en", "ar"] as const;

export const defaultSettings: Settings = {
  language: "en",
  theme: "auto",
  sendKey: "enter",
  sound: true,
  notifications: false,
  blur: false,
};

const KEY = "haven.settings";

export function loadSettings(preferred: readonly string[]): Settings {

  const base: Settings = { ...defaultSettings, language: preferred[0]?.toLowerCase().startsWith("ar") ? "ar" : "en" };
  try {
    return checked({ ...base, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>) }, base);
  } catch {
    return base; // storage is closed to us: the choice lasts as long as the page
  }
}

export function chosenBefore(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // see loadSettings
  }
}

function checked(s: Settings, base: Settings): Settings {
  return {
    language: languages.includes(s.language) ? s.language : base.language,
    theme: ["auto", "light", "dark"].includes(s.theme) ? s.theme : base.theme,
    sendKey: s.sendKey === "ctrl-enter" ? "ctrl-enter" : "enter",
    sound: s.sound !== false,
    notifications: s.notifications === true,
    blur: s.blur === true,
  };
}
