import { useActions, useDesk, useTexts } from "../context";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";

// A message arrived in the moment of closing: nothing was closed, and that is said until the agent has taken note.
export function ReopenedBanner({ contactId }: { contactId: string }) {
  const { t } = useTexts();
  const { dismissReopened } = useActions();
  const reopened = useDesk((s) => s.reopened.has(contactId));
  if (!reopened) return null;
  return (
    <div class="banner banner-warn" role="status">
      <Icon name="retry" />
      <p>{t("reopened.text")}</p>
      <Button onClick={() => dismissReopened(contactId)}>{t("reopened.understood")}</Button>
    </div>
  );
}
