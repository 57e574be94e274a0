import type { ContactView } from "../../gen/haven/desk/v1/feed_service_pb";
import type { Assignment } from "../../gen/haven/routing/v1/routing_pb";
import { languageName } from "../../shared/format";
import { useActions, useDesk, usePending, useTexts } from "../context";
import { personName, subjectTitle } from "../state/names";
import { isWrappingUp } from "../state/selectors";
import { Button, IconButton } from "../ui/button";

export function ConversationHead({ view, assignment }: { view: ContactView; assignment: Assignment | undefined }) {
  const { t, tag, translator } = useTexts();
  const { open, complete, togglePerson } = useActions();
  const hub = useDesk((s) => s.hub);
  const personOpen = useDesk((s) => s.personOpen);
  const contactId = view.contact?.id ?? "";
  const busy = usePending(`complete:${contactId}`);
  const about = [
    subjectTitle(hub, view.contact?.subject ?? "", tag),
    languageName(view.contact?.language ?? "", tag),
    t("channel.webchat"),
  ];
  const mine = assignment !== undefined && !isWrappingUp(assignment);
  return (
    <header class="conversation-head">
      <div class="conversation-title">
        <h2>
          <bdi>{personName(translator, view)}</bdi>
        </h2>
        <p>{about.filter(Boolean).join(" · ")}</p>
      </div>
      {mine && (
        <>
          <Button kind="quiet" icon="transfer" keys="Alt T" onClick={() => open({ kind: "transfer", contactId })}>
            {t("transfer.open")}
          </Button>
          <Button kind="plain" icon="check" keys="Alt W" busy={busy} onClick={() => void complete(contactId)}>
            {t("complete")}
          </Button>
        </>
      )}
      <div class="person-toggle">
        <IconButton icon="person" label={t("person.open")} keys="Alt P" expanded={personOpen} onClick={() => togglePerson()} />
      </div>
    </header>
  );
}
