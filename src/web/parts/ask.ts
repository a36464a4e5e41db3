import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Chart } from '../../report/charts/types.ts';
import { ask, Refused, Replaced } from '../engine.ts';
import type { Call, Calls } from '../protocol.ts';
import { edition, fault } from '../state.ts';

/**
 * The engine's answer to a question about the plan on the page: null until it is there, asked again for a new plan or
 * another question. `key` tells questions apart whose text is too long for it.
 */
export function useAnswer<K extends Call>(
  call: K,
  what: Calls[K]['ask'] | null,
  key: string = JSON.stringify(what),
): Calls[K]['answer'] | null {
  const answer = useSignal<Calls[K]['answer'] | null>(null);
  useEffect(() => {
    let current = true;
    answer.value = null;
    if (what === null) return;
    ask(call, what).then(
      (value) => {
        if (current) answer.value = value;
      },
      (error: unknown) => {
        // What is wrong with the spec stands beside it already.
        const known = error instanceof Replaced || error instanceof Refused;
        if (current && !known) fault.value = (error as Error).message;
      },
    );
    return () => {
      current = false;
    };
  }, [call, key, edition.value]);
  return answer.value;
}

/** Charts of a chapter; those of the plan before stay until the new ones are there, so that nothing jumps. */
export function useCharts(chapter: string): readonly Chart[] | null {
  const now = useAnswer('charts', { chapter });
  const last = useRef<{ readonly chapter: string; readonly charts: readonly Chart[] } | null>(null);
  if (now !== null) last.current = { chapter, charts: now };
  return last.current?.chapter === chapter ? last.current.charts : null;
}

/** A value once it has stayed the same for some milliseconds. */
export function useRest<T>(value: T, milliseconds: number): T {
  const rested = useSignal(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      rested.value = value;
    }, milliseconds);
    return () => clearTimeout(timer);
  }, [value]);
  return rested.value;
}
