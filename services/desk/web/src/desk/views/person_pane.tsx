import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { languageName } from "../../shared/format";
import { useActions, useDesk, useTexts } from "../context";
import { personName, queueTitle, subjectTitle } from "../state/names";
import { dateOf, selectedView } from "../state/selectors";
import { IconButton } from "../ui/button";
import { EarlierContacts } from "./earlier_contacts";

export function PersonPane() {
  const { t } = useTexts();
  const { togglePerson } = useActions();
  const view = useDesk(selectedView);
  const open = useDesk((s) => s.personOpen);
  useDrawerFocus(open);
  useEffect(() => {
    if (!open) return;
    const escape = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) togglePerson(false);
    };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, [open]);
  return (
    <aside class="right" aria-label={t("person.title")}>
      <header class="right-head">
        <h2>{t("person.title")}</h2>
        <div class="right-close">
          <IconButton icon="close" label={t("close")} onClick={() => togglePerson(false)} />
        </div>
      </header>
      {view?.contact ? <PersonFacts key={view.contact.id} /> : <p class="empty">{t("person.empty")}</p>}
    </aside>
  );
}

// As a drawer the pane takes the focus and gives it back; beside the conversation it leaves it alone.
function useDrawerFocus(open: boolean): void {
  const was = useRef(open);
  useEffect(() => {
    if (was.current === open) return;
    was.current = open;
    const target = document.querySelector<HTMLElement>(open ? ".right-close button" : ".person-toggle button");
    if (target?.offsetParent) target.focus();
  }, [open]);
}

function PersonFacts() {
  const { t, f, tag, translator } = useTexts();
  const view = useDesk(selectedView);
  const hub = useDesk((s) => s.hub);
  const { person, contact } = view ?? {};
  if (!view || !contact) return null;
  const first = dateOf(person?.firstContactTime);
  const started = dateOf(contact.createTime);
  return (
    <div class="right-body">
      <section>
        <h3>
          <bdi>{personName(translator, view)}</bdi>
        </h3>
        <dl class="facts facts-stacked">
          <Fact name={t("fact.language")}>{languageName(contact.language || person?.language || "", tag)}</Fact>
          <Fact name={t("fact.first")}>{first && f.date(first)}</Fact>
          <Fact name={t("fact.count")}>{person && t("fact.count-value", { n: person.contactCount })}</Fact>
        </dl>
      </section>
      <section>
        <h3>{t("person.this-contact")}</h3>
        <dl class="facts facts-stacked">
          <Fact name={t("fact.subject")}>{subjectTitle(hub, contact.subject, tag)}</Fact>
          <Fact name={t("fact.channel")}>{t("channel.webchat")}</Fact>
          <Fact name={t("fact.queue")}>{queueTitle(hub, contact.queue)}</Fact>
          <Fact name={t("fact.started")}>{started && <span title={f.dateTime(started)}>{`${f.dayName(started, new Date())}, ${f.time(started)}`}</span>}</Fact>
        </dl>
      </section>
      <EarlierContacts conversationId={contact.conversationId} currentId={contact.id} />
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (!children) return null;
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}
