import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useTexts } from "../context";
import { IconButton } from "./button";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly size?: "small" | "medium" | "wide";
  // Without a visible title bar (the command palette has its field instead).
  readonly bare?: boolean;
  readonly children: ComponentChildren;
}

// A modal of the browser itself: it holds the focus, makes the rest inert and gives the focus back when it closes.
export function Dialog({ title, onClose, size = "medium", bare = false, children }: Props) {
  const { t } = useTexts();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const before = document.activeElement as HTMLElement | null;
    dialog.showModal();
    (dialog.querySelector<HTMLElement>("[data-autofocus]") ?? dialog).focus();
    return () => {
      dialog.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog dialog-${size}`}
      aria-labelledby={bare ? undefined : titleId}
      aria-label={bare ? title : undefined}
      tabIndex={-1}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog-body">
        {!bare && (
          <header class="dialog-head">
            <h2 id={titleId}>{title}</h2>
            <IconButton icon="close" label={t("close")} onClick={onClose} />
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
