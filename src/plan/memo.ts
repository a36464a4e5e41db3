import type { Issue } from '../base/issue.ts';
import { contentHash, serialise } from '../numeric/serialise.ts';

/**
 * Remembers stage results by the hash of their named inputs, so that a slider, a search or a sweep pays only
 * for what it changes. Oldest entries go first once `capacity` is reached.
 */
export class Memo {
  readonly #entries = new Map<string, Remembered<unknown>>();
  readonly #capacity: number;
  hits = 0;
  misses = 0;

  constructor(capacity = 64) {
    this.#capacity = capacity;
  }

  get<T>(key: string): Remembered<T> | undefined {
    const found = this.#entries.get(key) as Remembered<T> | undefined;
    if (found === undefined) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    // Re-inserting keeps the map in order of last use.
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  set<T>(key: string, entry: Remembered<T>): void {
    this.#entries.set(key, entry);
    while (this.#entries.size > this.#capacity) {
      const oldest = this.#entries.keys().next().value;
      if (oldest === undefined) return;
      this.#entries.delete(oldest);
    }
  }
}

/** A stage's result, the key it is known by downstream, the catalog entries it stands on, and its warnings. */
export interface Remembered<T> {
  readonly key: string;
  readonly value: T;
  readonly used: readonly string[];
  readonly warnings: readonly Issue[];
}

/** Key of a stage: its name, its slice of the spec (as data) and the keys of the results it reads. */
export function stageKey(name: string, slice: unknown, upstream: readonly string[]): string {
  return `${name}:${contentHash(`${serialise(slice)}|${upstream.join('|')}`)}`;
}
