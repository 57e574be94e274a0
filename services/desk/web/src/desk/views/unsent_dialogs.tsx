import { useActions, useDesk, useTexts } from "../context";
import { personName } from "../state/names";
import type { Outgoing } from "../outbox/queue";
import { sameItems } from "../state/store";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { ForeignText } from "../ui/text";

// Signing out removes what this browser keeps: unsent replies with it, so it asks.
export function SignOutDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const { signOut } = useActions();
  const items = useDesk((s) => s.outbox);
  return (
    <Dialog title={t("sign-out.title")} onClose={onClose}>
      <div class="stack">
        <p>{t("sign-out.unsent", { n: items.length })}</p>
        <UnsentList items={items} />
        <footer class="dialog-foot">
          <Button
            kind="danger"
            icon="trash"
            onClick={() => {
              onClose();
              void signOut(true);
            }}
          >
            {t("sign-out.anyway")}
          </Button>
          <Button kind="primary" onClick={onClose}>
            {t("sign-out.stay")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}

// Replies that an earlier sign-in left: their author decides.
export function HeldDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const { sendHeld, discardHeld } = useActions();
  const items = useDesk((s) => s.outbox.filter((i) => i.state === "held"), sameItems);
  const after = (work: () => Promise<void>) => () => {
    onClose();
    void work();
  };
  return (
    <Dialog title={t("held.title")} onClose={onClose}>
      <div class="stack">
        <p>{t("held.text", { n: items.length })}</p>
        <UnsentList items={items} />
        <footer class="dialog-foot">
          <Button kind="quiet" icon="trash" onClick={after(discardHeld)}>
            {t("held.discard")}
          </Button>
          <Button onClick={onClose}>{t("held.later")}</Button>
          <Button kind="primary" icon="send" onClick={after(sendHeld)}>
            {t("held.send")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}

function UnsentList({ items }: { items: readonly Outgoing[] }) {
  const { f, translator } = useTexts();
  const contacts = useDesk((s) => s.feed.contacts);
  return (
    <ul class="unsent-list">
      {items.map((item) => (
        <li key={item.requestId}>
          <p class="quiet">
            <bdi>{personName(translator, contacts.get(item.contactId))}</bdi> · {f.time(new Date(item.createdAt))}
          </p>
          <p dir="auto" class="unsent-text">
            <ForeignText text={item.text} />
          </p>
        </li>
      ))}
    </ul>
  );
}
