import { effect, signal, untracked } from '@preact/signals';
import type { ComponentChild } from 'preact';
import type { Issue } from '../../base/issue.ts';
import { formatPercent } from '../../units/format.ts';
import { askAside, Refused, Replaced } from '../engine.ts';
import type { Calls } from '../protocol.ts';
import { edition, fault, subject } from '../state.ts';

/** Questions about a job that plan it dozens of times: asked on request, in a worker of their own. */
export type LongCall = 'advise' | 'scale';

/** One of them: its answer stays while other views are looked at, and goes when the plan changes. */
export class Long<K extends LongCall> {
  readonly answer = signal<Calls[K]['answer'] | null>(null);
  readonly issues = signal<readonly Issue[]>([]);
  /** What is being worked on, null when nothing is. */
  readonly doing = signal<string | null>(null);
  readonly #call: K;
  #stop: () => void = () => {};

  constructor(call: K) {
    this.#call = call;
    effect(() => {
      // Of another plan.
      edition.value;
      untracked(() => this.clear());
    });
  }

  async start(): Promise<void> {
    this.clear();
    this.doing.value = 'starting';
    const asked = askAside(this.#call, subject.value, {
      progress: ({ stage, fraction, note }) => {
        // What each of its plans does is too fast to read.
        if (stage !== this.#call && stage !== 'search') return;
        const share = fraction === null ? '' : `${formatPercent(fraction, 2)}: `;
        this.doing.value = `${share}${note ?? stage}`;
      },
    });
    this.#stop = asked.stop;
    try {
      this.answer.value = await asked.answer;
    } catch (error) {
      if (error instanceof Replaced) return;
      if (error instanceof Refused) this.issues.value = error.issues;
      else fault.value = (error as Error).message;
    }
    this.doing.value = null;
  }

  clear(): void {
    this.#stop();
    this.#stop = () => {};
    this.answer.value = null;
    this.issues.value = [];
    this.doing.value = null;
  }
}

interface Props {
  readonly long: Long<LongCall>;
  /** On the button, and what it takes. */
  readonly title: string;
  readonly about: string;
  readonly children?: ComponentChild;
}

/** The button that asks, what is being done, the button that stops it, and what came of it. */
export function LongView({ long, title, about, children }: Props) {
  const doing = long.doing.value;
  return (
    <>
      <p class="controls">
        <button type="button" onClick={() => void long.start()} disabled={doing !== null}>
          {title}
        </button>
        {doing !== null && (
          <button type="button" onClick={() => long.clear()}>
            Stop
          </button>
        )}
      </p>
      <p class="note" aria-live="polite">
        {doing ?? (long.answer.value === null ? about : '')}
      </p>
      {long.issues.value.map((i, at) => (
        <p class="error" key={at}>
          {i.message}
          {i.hint !== undefined && ` (${i.hint})`}
        </p>
      ))}
      {children}
    </>
  );
}
