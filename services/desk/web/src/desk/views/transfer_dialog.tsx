import { useEffect, useRef, useState } from "preact/hooks";
import { Role } from "../../gen/haven/options/v1/access_pb";
import type { User } from "../../gen/haven/directory/v1/hub_pb";
import type { TransferTarget } from "../actions/actions";
import { useActions, useDesk, usePending, useTexts } from "../context";
import { Button } from "../ui/button";
import { Combo, type Option } from "../ui/combo";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";

interface Choice {
  readonly target: TransferTarget;
  readonly name: string;
}

const SEARCH_MS = 250;

export function TransferDialog({ contactId, onClose }: { contactId: string; onClose: () => void }) {
  const { t } = useTexts();
  const { transfer } = useActions();
  const [choice, setChoice] = useState<Choice | null>(null);
  const [note, setNote] = useState("");
  const busy = usePending(`transfer:${contactId}`);
  const { users, search } = useColleagues();
  const options = useOptions(users, contactId);
  const go = async () => {
    if (choice && (await transfer(contactId, choice.target, note.trim()))) onClose();
  };
  return (
    <Dialog title={t("transfer.title")} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void go();
        }}
      >
        <Combo
          label={t("transfer.to")}
          visibleLabel
          placeholder={t("transfer.to-how")}
          emptyText={t("combo.empty")}
          options={options}
          chosen={choice ? idOf(choice) : ""}
          autofocus
          onType={search}
          onTake={setChoice}
        />
        <div>
          <label class="field-label" for="transfer-note">
            {t("transfer.note")}
          </label>
          <textarea
            id="transfer-note"
            class="input"
            dir="auto"
            rows={3}
            maxLength={10_000}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </div>
        <footer class="dialog-foot">
          <p role="status">{choice ? t("transfer.chosen", { name: choice.name }) : t("transfer.history")}</p>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button kind="primary" keys="Ctrl Enter" busy={busy} disabled={!choice} onClick={() => void go()}>
            {t("transfer.do")}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function idOf(choice: Choice): string {
  return "queue" in choice.target ? `q-${choice.target.queue}` : `a-${choice.target.agentId}`;
}

function useOptions(users: readonly User[], contactId: string): Option<Choice>[] {
  const { t } = useTexts();
  const hub = useDesk((s) => s.hub);
  const me = useDesk((s) => (s.session.state === "signed-in" ? s.session.user.id : ""));
  const current = useDesk((s) => s.feed.contacts.get(contactId)?.contact?.queue);
  const line = (icon: "queue" | "person", name: string, hint = "") => (
    <>
      <Icon name={icon} />
      <bdi>{name}</bdi>
      {hint && <span class="quiet">{hint}</span>}
    </>
  );
  const queues = (hub?.queues ?? []).map((q): Option<Choice> => {
    const choice = { target: { queue: q.key }, name: q.displayName || q.key };
    const hint = q.key === current ? t("transfer.current") : "";
    return { id: idOf(choice), value: choice, words: `${q.displayName} ${q.key}`, group: t("transfer.queues"), content: line("queue", choice.name, hint) };
  });
  const agents = users
    .filter((u) => u.id !== me && !u.disabled && u.roles.includes(Role.AGENT))
    .map((u): Option<Choice> => {
      const choice = { target: { agentId: u.id }, name: u.displayName || u.username };
      return { id: idOf(choice), value: choice, words: `${u.displayName} ${u.username}`, group: t("transfer.agents"), content: line("person", choice.name) };
    });
  return [...queues, ...agents];
}

// The first colleagues at once, others as the name is typed: the hub finds them by the beginning of a name.
function useColleagues() {
  const { findUsers } = useActions();
  const [users, setUsers] = useState<readonly User[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const search = (prefix: string, wait = SEARCH_MS) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      findUsers(prefix.trim()).then(
        (found) => setUsers((known) => [...new Map([...known, ...found].map((u) => [u.id, u])).values()]),
        () => undefined,
      );
    }, wait);
  };
  useEffect(() => {
    search("", 0);
    return () => clearTimeout(timer.current);
  }, []);
  return { users, search: (typed: string) => search(typed) };
}
