// A field with a list that typing filters: arrows move, Enter takes. Used by the palette, dispositions and transfer.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

export interface Option<T> {
  readonly id: string;
  readonly value: T;
  readonly words: string;
  readonly content: ComponentChildren;
  readonly group?: string;
}

interface Props<T> {
  readonly label: string;
  readonly placeholder?: string;
  readonly options: readonly Option<T>[];
  readonly chosen?: string;
  readonly emptyText: string;
  readonly autofocus?: boolean;
  readonly visibleLabel?: boolean;
  readonly onType?: (text: string) => void;
  readonly onTake: (value: T) => void;
}

// Every typed word must begin a word of the option, in any order; case and accents do not matter.
export function matches(words: string, typed: string): boolean {
  const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const have = plain(words).split(/[\s·,/_-]+/);
  return plain(typed)
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => have.some((h) => h.startsWith(word)));
}

export function Combo<T>(props: Props<T>) {
  const { label, placeholder, options, chosen, emptyText, autofocus, visibleLabel, onType, onTake } = props;
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const shown = options.filter((option) => matches(option.words, typed));
  const active = shown[Math.min(at, shown.length - 1)];
  useEffect(() => setAt(0), [typed]);
  useEffect(() => {
    list.current?.querySelector('[data-active="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active?.id]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const last = shown.length - 1;
    if (event.key === "ArrowDown") setAt(at >= last ? 0 : at + 1);
    else if (event.key === "ArrowUp") setAt(at <= 0 ? last : at - 1);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      // A fast hand presses Enter before what it typed is drawn: the field's own text decides.
      const text = (event.currentTarget as HTMLInputElement).value;
      const taken = text === typed ? active : options.find((option) => matches(option.words, text));
      if (!taken) return;
      onTake(taken.value);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="combo">
      <label class={visibleLabel ? "field-label" : "visually-hidden"} for={`${id}-in`}>
        {label}
      </label>
      <input
        id={`${id}-in`}
        class="input"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active ? `${id}-${active.id}` : undefined}
        aria-autocomplete="list"
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={typed}
        data-autofocus={autofocus || undefined}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          onType?.(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
      />
      <ul class="combo-list" id={`${id}-list`} role="listbox" aria-label={label} ref={list}>
        {shown.map((option, i) => (
          <Entry
            key={option.id}
            domId={`${id}-${option.id}`}
            option={option}
            heading={option.group !== shown[i - 1]?.group ? option.group : undefined}
            active={option === active}
            chosen={option.id === chosen}
            onTake={onTake}
          />
        ))}
      </ul>
      {shown.length === 0 && (
        <p class="combo-empty" role="status">
          {emptyText}
        </p>
      )}
    </div>
  );
}

interface EntryProps<T> {
  readonly domId: string;
  readonly option: Option<T>;
  readonly heading: string | undefined;
  readonly active: boolean;
  readonly chosen: boolean;
  readonly onTake: (value: T) => void;
}

function Entry<T>({ domId, option, heading, active, chosen, onTake }: EntryProps<T>) {
  return (
    <>
      {heading && (
        <li class="combo-group" role="presentation">
          {heading}
        </li>
      )}
      <li
        id={domId}
        role="option"
        class="combo-option"
        aria-selected={active || chosen}
        data-active={active}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => onTake(option.value)}
      >
        {option.content}
      </li>
    </>
  );
}
