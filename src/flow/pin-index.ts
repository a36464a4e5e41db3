import type { PinnedRoutes } from '../routes/types.ts';

/** Finds the pin of a pair: most sources have none, so the first look answers. */
export class PinIndex {
  readonly #dst: Int32Array;
  readonly #head: Int32Array;
  readonly #next: Int32Array;

  constructor(routes: PinnedRoutes, endpoints: number) {
    this.#dst = routes.dst;
    this.#head = new Int32Array(endpoints).fill(-1);
    this.#next = new Int32Array(routes.src.length);
    for (let p = 0; p < routes.src.length; p++) {
      this.#next[p] = this.#head[routes.src[p]!]!;
      this.#head[routes.src[p]!] = p;
    }
  }

  /** Pin number, or -1. */
  find(src: number, dst: number): number {
    let p = this.#head[src]!;
    while (p >= 0 && this.#dst[p] !== dst) p = this.#next[p]!;
    return p;
  }
}
