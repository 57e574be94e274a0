import { useEffect, useRef } from "preact/hooks";
import { AssignmentState, type Assignment } from "../../gen/haven/routing/v1/routing_pb";
import { emptyForm } from "../actions/contact";
import { useActions, useDesk, useHubNow, usePending, useTexts } from "../context";
import { titleOf } from "../state/names";
import { dateOf } from "../state/selectors";
import { Button } from "../ui/button";
import { Combo } from "../ui/combo";
import { Icon } from "../ui/icon";

// Over the composer: what came of the contact. The time left is always shown; nothing typed is lost when it ends.
export function WrapUpSheet({ assignment }: { assignment: Assignment }) {
  const { t, tag } = useTexts();
  const { changeWrapUp, finishWrapUp, extendWrapUp } = useActions();
  const id = assignment.contactId;
  const form = useDesk((s) => s.wrapUps.get(id) ?? emptyForm);
  const dispositions = useDesk((s) => s.hub?.dispositions ?? null);
  const busy = usePending(`finish:${id}`) || form.wanted;
  const extending = usePending(`extend:${id}`);
  const sheet = useRef<HTMLFormElement>(null);
  const chosen = dispositions?.find((d) => d.key === form.disposition);
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.closest(".conversation-head")) {
      sheet.current?.querySelector("input")?.focus();
    }
  }, []);

  const finish = () => void finishWrapUp(id);
  return (
    <form
      ref={sheet}
      class="wrap-up"
      aria-label={t("wrapup.title")}
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        finish();
      }}
    >
      <header class="wrap-up-head">
        <h2>{t("wrapup.title")}</h2>
        <TimeLeft assignment={assignment} />
        <Button kind="quiet" busy={extending} onClick={() => void extendWrapUp(id)}>
          {t("wrapup.extend")}
        </Button>
      </header>
      <div class="wrap-up-fields">
        <div class="wrap-up-disposition">
          <Combo
            label={t("wrapup.disposition")}
            visibleLabel
            placeholder={t("wrapup.disposition-how")}
            emptyText={t("combo.empty")}
            chosen={form.disposition}
            options={(dispositions ?? []).map((d) => {
              const title = titleOf(d.titles, d.key, tag);
              return { id: d.key, value: d.key, words: `${title} ${d.key}`, content: <DispositionLine title={title} chosen={d.key === form.disposition} /> };
            })}
            onTake={(disposition) => changeWrapUp(id, { disposition: disposition === form.disposition ? "" : disposition })}
          />
        </div>
        <div class="wrap-up-note">
          <label class="field-label" for="wrap-up-note">
            {t("wrapup.note")}
          </label>
          <textarea
            id="wrap-up-note"
            class="input"
            dir="auto"
            rows={4}
            maxLength={10_000}
            value={form.note}
            onInput={(event) => changeWrapUp(id, { note: event.currentTarget.value })}
          />
        </div>
      </div>
      <footer class="wrap-up-foot">
        <p role="status">
          {form.wanted ? t("wrapup.finishing") : chosen ? t("wrapup.chosen", { name: titleOf(chosen.titles, chosen.key, tag) }) : t("wrapup.choose")}
        </p>
        <Button kind="primary" icon="check" keys="Ctrl Enter" busy={busy} onClick={finish}>
          {t("wrapup.finish")}
        </Button>
      </footer>
    </form>
  );
}

function DispositionLine({ title, chosen }: { title: string; chosen: boolean }) {
  return (
    <>
      <bdi>{title}</bdi>
      {chosen && <Icon name="check" size={14} />}
    </>
  );
}

const SOON_SECONDS = 20;

function TimeLeft({ assignment }: { assignment: Assignment }) {
  const { t, f } = useTexts();
  const now = useHubNow();
  const end = dateOf(assignment.wrapUpEndTime)?.getTime();
  if (assignment.state === AssignmentState.CLOSING) return <span class="time-left">{t("wrapup.closing")}</span>;
  if (end === undefined) return null;
  const seconds = Math.max(0, (end - now) / 1000);
  return (
    <span class="time-left" data-soon={seconds < SOON_SECONDS}>
      <Icon name="clock" size={14} />
      {t("wrapup.left", { time: f.stopwatch(seconds) })}
    </span>
  );
}
