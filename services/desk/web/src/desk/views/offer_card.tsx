import { useEffect, useRef } from "preact/hooks";
import { AuthorKind, MessageKind } from "../../gen/haven/channels/v1/conversation_pb";
import type { Offer } from "../../gen/haven/desk/v1/feed_service_pb";
import { languageName } from "../../shared/format";
import { useActions, useDesk, useHubNow, usePending, useTexts } from "../context";
import { personName, queueTitle, subjectTitle } from "../state/names";
import { dateOf } from "../state/selectors";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { ForeignText } from "../ui/text";

export function OfferCard({ offer }: { offer: Offer }) {
  const { t, tag, translator } = useTexts();
  const { accept, decline } = useActions();
  const hub = useDesk((s) => s.hub);
  const id = offer.reservation?.id ?? "";
  const busy = usePending(`accept:${id}`);
  const contact = offer.contact?.contact;
  // The person's own words; what they chose stands above as facts.
  const said =
    offer.contact?.messages.filter((m) => m.kind === MessageKind.TEXT && m.authorKind === AuthorKind.PERSON && !m.choiceId) ?? [];
  const card = useRef<HTMLElement>(null);
  // The focus comes here only when nobody is in the middle of something.
  useEffect(() => {
    if (document.activeElement === document.body) card.current?.focus();
  }, []);
  return (
    <article
      ref={card}
      class="offer"
      tabIndex={-1}
      data-offer={id}
      aria-label={t("offer.from", { name: personName(translator, offer.contact) })}
    >
      <header class="offer-head">
        <Icon name="chat" />
        <strong>{offer.reservation?.direct ? t("offer.direct") : t("offer.title")}</strong>
        <Left offer={offer} />
      </header>
      <dl class="facts">
        <Fact name={t("fact.subject")} value={subjectTitle(hub, contact?.subject ?? "", tag)} />
        <Fact name={t("fact.language")} value={languageName(contact?.language ?? "", tag)} />
        <Waited offer={offer} />
        <Fact name={t("fact.queue")} value={queueTitle(hub, offer.reservation?.queue ?? "")} />
      </dl>
      {said.length > 0 && (
        <div class="offer-said">
          {said.slice(-3).map((m) => (
            <p key={m.id} dir="auto">
              <ForeignText text={m.text} />
            </p>
          ))}
        </div>
      )}
      <div class="offer-buttons">
        <Button kind="primary" busy={busy} keys="Enter" onClick={() => void accept(id)}>
          {busy ? t("offer.taking") : t("offer.accept")}
        </Button>
        <Button busy={busy} keys="Esc" onClick={() => void decline(id)}>
          {t("offer.decline")}
        </Button>
      </div>
      <Drain offer={offer} />
    </article>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  if (!value) return null;
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

function Waited({ offer }: { offer: Offer }) {
  const { t, f } = useTexts();
  const now = useHubNow();
  const since = dateOf(offer.reservation?.enqueueTime);
  return since ? <Fact name={t("fact.waited")} value={f.span((now - since.getTime()) / 1000)} /> : null;
}

function Left({ offer }: { offer: Offer }) {
  const { f } = useTexts();
  const now = useHubNow(500);
  const deadline = dateOf(offer.reservation?.deadlineTime)?.getTime() ?? now;
  return <span class="offer-left">{f.stopwatch(Math.ceil((deadline - now) / 1000))}</span>;
}

// The bar drains by one transition of the compositor instead of a render per second.
function Drain({ offer }: { offer: Offer }) {
  const bar = useRef<HTMLSpanElement>(null);
  const now = useHubNow(60_000);
  useEffect(() => {
    const made = dateOf(offer.reservation?.createTime)?.getTime() ?? now;
    const deadline = dateOf(offer.reservation?.deadlineTime)?.getTime() ?? now;
    const whole = Math.max(1, deadline - made);
    const left = Math.max(0, deadline - now);
    const animation = bar.current?.animate([{ transform: `scaleX(${left / whole})` }, { transform: "scaleX(0)" }], {
      duration: left,
      fill: "forwards",
    });
    return () => animation?.cancel();
  }, [offer.reservation?.id]);
  return (
    <div class="drain" aria-hidden="true">
      <span ref={bar} />
    </div>
  );
}
