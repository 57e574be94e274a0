// A button, named by its children, with a menu below: arrows, Home, End and first letters move, Escape closes, the focus returns to the button.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly content: ComponentChildren;
  readonly checked?: boolean;
  readonly run: () => void;
}

interface Props {
  // Of the menu.
  readonly label: string;
  readonly className: string;
  readonly items: readonly MenuItem[];
  readonly buttonId?: string;
  readonly children: ComponentChildren;
  readonly align?: "start" | "end";
}

export function Menu({ label, className, items, buttonId, children, align = "start" }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    addEventListener("focusin", outside);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("focusin", outside);
    };
  }, [open]);
  useLayoutEffect(() => {
    if (open) focusItem(root.current, items.findIndex((i) => i.checked) > 0 ? items.findIndex((i) => i.checked) : 0);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) {
      if (event.key !== "ArrowDown") return;
      setOpen(true);
    } else if (event.key === "Escape") close();
    else if (event.key === "Tab") return setOpen(false);
    else if (!moveFocus(root.current, event.key, items)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="menu-root" ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        id={buttonId}
        ref={button}
        class={className}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <div class={`menu menu-${align}`} role="menu" id={id} aria-label={label}>
          {items.map((item) => (
            <button
              key={item.id}
              type="button"
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.checked}
              tabIndex={-1}
              class="menu-item"
              onClick={() => {
                close();
                item.run();
              }}
            >
              {item.content}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function entries(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
}

function focusItem(root: HTMLElement | null, index: number): void {
  entries(root)[index]?.focus();
}

function moveFocus(root: HTMLElement | null, key: string, items: readonly MenuItem[]): boolean {
  const all = entries(root);
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (key === "ArrowDown") focusItem(root, (at + 1) % all.length);
  else if (key === "ArrowUp") focusItem(root, (at + all.length - 1) % all.length);
  else if (key === "Home") focusItem(root, 0);
  else if (key === "End") focusItem(root, all.length - 1);
  else if (key.length === 1 && key !== " ") {
    const letter = key.toLocaleLowerCase();
    const order = items.map((_, i) => (at + 1 + i) % items.length);
    const found = order.find((i) => items[i]!.label.toLocaleLowerCase().startsWith(letter));
    if (found !== undefined) focusItem(root, found);
  } else return false;
  return true;
}
