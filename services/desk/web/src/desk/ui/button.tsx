import type { ComponentChildren, Ref } from "preact";
import { Icon, type IconName } from "./icon";

interface Common {
  readonly onClick: (event: MouseEvent) => void;
  readonly disabled?: boolean;
  readonly busy?: boolean;
  // The key that does the same, shown after the words.
  readonly keys?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

interface ButtonProps extends Common {
  readonly kind?: "primary" | "plain" | "danger" | "quiet";
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}

// A busy button stays focusable and says so; it only ignores clicks.
export function Button({ kind = "plain", icon, keys, busy, disabled, onClick, buttonRef, children }: ButtonProps) {
  return (
    <button
      type="button"
      ref={buttonRef}
      class={`button button-${kind}`}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      disabled={disabled}
      onClick={(event) => !busy && onClick(event)}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
      {keys && <Keys keys={keys} />}
    </button>
  );
}

interface IconButtonProps extends Common {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
}

export function IconButton({ icon, label, keys, pressed, expanded, busy, disabled, onClick, buttonRef }: IconButtonProps) {
  return (
    <button
      type="button"
      ref={buttonRef}
      class="icon-button"
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-disabled={busy || undefined}
      disabled={disabled}
      title={keys ? `${label} (${keys})` : label}
      onClick={(event) => !busy && onClick(event)}
    >
      <Icon name={icon} />
    </button>
  );
}

export function Keys({ keys }: { keys: string }) {
  return (
    <kbd class="keys" dir="ltr" aria-hidden="true">
      {keys}
    </kbd>
  );
}
