import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useActions, useDesk, useTexts } from "../context";
import { hasEarlier, lastSequence } from "../state/messages";
import { logOf, unsentOf } from "../state/selectors";
import { sameItems } from "../state/store";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { MessageRows } from "./message_rows";
import { UnsentBubble } from "./unsent_bubble";

const AT_END_PX = 40;

interface Props {
  readonly conversationId: string;
  readonly contactId: string;
  readonly personSeen: bigint;
}

export function MessageLogView({ conversationId, contactId, personSeen }: Props) {
  const { t } = useTexts();
  const { loadEarlier } = useActions();
  const log = useDesk((s) => logOf(s, conversationId));
  const unsent = useDesk((s) => unsentOf(s, conversationId), sameItems);
  const loading = useDesk((s) => s.loadingEarlier.has(conversationId));
  const last = lastSequence(log);
  const { box, rows, atEnd, toEnd, seenBefore } = useScroll(conversationId, log[0]?.sequence ?? 0n, last, unsent.length);
  return (
    <div class="log-frame">
      <div class="log" ref={box} role="log" aria-label={t("log.label")} aria-live="off" tabIndex={0} data-contact={contactId}>
        <div class="log-rows" ref={rows}>
        {hasEarlier(log) ? (
          <div class="log-earlier">
            <Button kind="quiet" icon="history" keys="Alt E" busy={loading} onClick={() => void loadEarlier(conversationId)}>
              {loading ? t("log.loading") : t("log.earlier")}
            </Button>
          </div>
        ) : (
          log.length > 0 && <p class="log-start">{t("log.start")}</p>
        )}
        <MessageRows log={log} personSeen={personSeen} firstUnseen={seenBefore} />
        {unsent.map((item) => (
          <UnsentBubble key={item.requestId} item={item} />
        ))}
        </div>
      </div>
      {!atEnd && (
        <button type="button" class="log-jump" onClick={toEnd}>
          <Icon name="chevron" />
          {last > seenBefore ? t("log.new") : t("log.to-end")}
        </button>
      )}
    </div>
  );
}

// Stays at the end while the reader is there, keeps the place when older messages come in above, and tells what was seen.
function useScroll(conversationId: string, first: bigint, last: bigint, unsent: number) {
  const { markSeen } = useActions();
  const seen = useDesk((s) => s.seen.get(conversationId) ?? 0n);
  const box = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [seenBefore] = useState(seen);
  const place = useRef({ first, height: 0, atEnd: true });

  const toEnd = useCallback(() => {
    const el = box.current;
    if (el) el.scrollTop = el.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    const el = box.current!;
    const before = place.current;
    if (before.atEnd) el.scrollTop = el.scrollHeight;
    else if (first < before.first) el.scrollTop += el.scrollHeight - before.height;
    place.current = { ...before, first, height: el.scrollHeight };
  }, [first, last, unsent]);

  useEffect(() => {
    const el = box.current!;
    const measure = () => {
      const end = el.scrollHeight - el.scrollTop - el.clientHeight < AT_END_PX;
      place.current = { ...place.current, atEnd: end, height: el.scrollHeight };
      setAtEnd(end);
      if (end && document.visibilityState === "visible") markSeen(conversationId, last);
    };
    if (place.current.atEnd) toEnd();
    measure();
    const resized = new ResizeObserver(() => {
      if (place.current.atEnd) toEnd();
      measure();
    });
    // The frame shrinks under a growing composer; the rows grow when a font or a language comes in.
    resized.observe(el);
    resized.observe(rows.current!);
    el.addEventListener("scroll", measure, { passive: true });
    document.addEventListener("visibilitychange", measure);
    return () => {
      resized.disconnect();
      el.removeEventListener("scroll", measure);
      document.removeEventListener("visibilitychange", measure);
    };
  }, [conversationId, last, markSeen, toEnd]);

  return { box, rows, atEnd, toEnd, seenBefore };
}
