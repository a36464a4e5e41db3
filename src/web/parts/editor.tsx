import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Issue } from '../../base/issue.ts';
import type { Completion } from '../../spec/complete.ts';
import { ask } from '../engine.ts';
import { issues, text, write } from '../state.ts';

/** Choices shown at a time. */
const SHOWN = 8;
const WORD = /[\w.{[,:\s-]$/;

/** The spec as text: what fits is offered while writing, what is wrong is marked in its line. */
export function Editor() {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const offered = useSignal<Completion | null>(null);
  const picked = useSignal(0);
  const choices = offered.value?.choices.slice(0, SHOWN) ?? [];

  const offer = async (always: boolean): Promise<void> => {
    const { value, selectionStart } = area.current!;
    if (!always && !WORD.test(value.slice(0, selectionStart))) {
      offered.value = null;
      return;
    }
    const found = await ask('complete', { text: value, offset: selectionStart });
    if (area.current?.selectionStart !== selectionStart) return;
    const word = selectionStart - found.from;
    offered.value = found.choices.length > 0 && (always || word > 0) ? found : null;
    picked.value = 0;
  };
  const take = (i: number): void => {
    const choice = choices[i];
    if (choice === undefined || offered.value === null) return;
    const { value, selectionStart } = area.current!;
    const next = value.slice(0, offered.value.from) + choice.text + value.slice(selectionStart);
    const caret = offered.value.from + choice.text.length;
    offered.value = null;
    write(next);
    queueMicrotask(() => {
      area.current?.focus();
      area.current?.setSelectionRange(caret, caret);
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === ' ' && event.ctrlKey) void offer(true);
    else if (choices.length === 0) return;
    else if (event.key === 'ArrowDown') picked.value = (picked.value + 1) % choices.length;
    else if (event.key === 'ArrowUp') picked.value = (picked.value + choices.length - 1) % choices.length;
    else if (event.key === 'Enter' || event.key === 'Tab') take(picked.value);
    else if (event.key === 'Escape') offered.value = null;
    else return;
    event.preventDefault();
  };
  const lines = text.value.split('\n');
  const wrong = new Map(issues.value.map((i) => [i.line ?? 1, i.severity]));
  return (
    <div class="editor">
      <div class="gutter" ref={gutter} aria-hidden="true">
        {lines.map((_, i) => (
          <div key={i} class={wrong.get(i + 1) ?? ''}>
            {i + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        id="spec-text"
        aria-label="Spec, in YAML. Control and Space offer what fits."
        aria-controls="spec-choices"
        aria-describedby="spec-issues"
        aria-invalid={issues.value.some((i) => i.severity === 'error')}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        value={text.value}
        onInput={(event) => {
          write(event.currentTarget.value);
          void offer(false);
        }}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          gutter.current!.scrollTop = event.currentTarget.scrollTop;
        }}
        onBlur={() => {
          offered.value = null;
        }}
      />
      <div
        id="spec-choices"
        class="choices"
        role="listbox"
        aria-label="What fits here"
        hidden={choices.length === 0}
      >
        {choices.map((choice, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the caret stays in the text; arrow keys choose
          <div
            key={choice.text}
            role="option"
            aria-selected={i === picked.value}
            onPointerDown={(event) => {
              event.preventDefault();
              take(i);
            }}
          >
            <b>{choice.text}</b> <span>{choice.detail}</span>
          </div>
        ))}
      </div>
      <IssueList list={issues.value} />
    </div>
  );
}

function IssueList({ list }: { readonly list: readonly Issue[] }) {
  return (
    <ul id="spec-issues" class="issues" aria-live="polite">
      {list.map((i, at) => (
        <li key={at} class={i.severity}>
          <span class="place">{i.line === undefined ? '' : `line ${i.line}`}</span> {i.message}
          {i.allowed !== undefined && <div class="detail">{`allowed: ${i.allowed}`}</div>}
          {i.nearest !== undefined && <div class="detail">{`nearest: ${i.nearest}`}</div>}
          {i.hint !== undefined && <div class="detail">{i.hint}</div>}
        </li>
      ))}
    </ul>
  );
}
