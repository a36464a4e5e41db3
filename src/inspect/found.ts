import type { LogEvent } from './types.ts';

/** An event before its causes are known. */
export type Found = Omit<LogEvent, 'causes'>;

/** More than these of a kind say nothing new. */
const MOST = 2_000;

/** Takes the events of all watches; of one kind at most MOST, the others are counted. */
export class FoundList {
  readonly events: Found[] = [];
  readonly #count = new Map<string, number>();

  add(event: Found): void {
    const count = (this.#count.get(event.kind) ?? 0) + 1;
    this.#count.set(event.kind, count);
    if (count <= MOST) this.events.push(event);
  }

  /** Kinds of which some are not listed, with how many. */
  get dropped(): [string, number][] {
    return [...this.#count].filter(([, n]) => n > MOST).map(([kind, n]) => [kind, n - MOST]);
  }
}

/** 0.5 at the threshold, towards 1 far beyond it. */
export function confidenceOf(strength: number): number {
  return Math.min(0.999, 1 - 0.5 / Math.max(1, strength));
}
