import { useLayoutEffect } from "preact/hooks";
import type { Settings } from "../state/settings";

export function useTheme(theme: Settings["theme"]): void {
  useLayoutEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      document.documentElement.dataset["theme"] = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    };
    apply();
    dark.addEventListener("change", apply);
    return () => dark.removeEventListener("change", apply);
  }, [theme]);
}
