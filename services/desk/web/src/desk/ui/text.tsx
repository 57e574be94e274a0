// Text that somebody else wrote: always text nodes, its own direction, direction overrides shown instead of obeyed.
import { splitOverrides } from "../../shared/bidi";
import { useTexts } from "../context";

export function ForeignText({ text }: { text: string }) {
  const { t } = useTexts();
  return (
    <>
      {splitOverrides(text).map((part, i) =>
        part.override ? (
          <span key={i} class="override-mark" role="img" title={t("message.override")} aria-label={t("message.override")} />
        ) : (
          part.text
        ),
      )}
    </>
  );
}
