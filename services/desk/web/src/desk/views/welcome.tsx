import { useTexts } from "../context";

// Between opening the page and knowing who is there; shown only when that takes longer than a moment.
export function Welcome() {
  const { t } = useTexts();
  return (
    <main class="welcome late-notice">
      <p role="status">{t("welcome")}</p>
    </main>
  );
}
