import { ItemHeap } from './heap.ts';
import type { FluidPaths } from './types.ts';

/**
 * Max-min fair rates of the paths that carry something, kept as their weights and the capacities change. Progressive
 * filling (Bertsekas and Gallager, Data Networks, 6.5.2): the rate a weight rises from 0 for all together; a link that
 * is full fixes those who cross it.
 */
export class Rates {
  /** Rate a unit of weight, by path; 0 where nothing flows. */
  readonly rate: Float64Array;
  /** Paths whose rate changed in the last solve: changed[0] to changed[changes - 1]. */
  readonly changed: Int32Array;
  changes = 0;
  touched = 0;
  whole = 0;
  readonly #capacity: Float64Array;
  readonly #paths: FluidPaths;
  readonly #weight: Float64Array;
  /** Paths by link: entries [start[l], start[l + 1]) of path and share. */
  readonly #start: Uint32Array;
  readonly #path: Uint32Array;
  readonly #heap: ItemHeap;
  readonly #rest: Float64Array;
  readonly #active: Float64Array;
  readonly #count: Int32Array;
  readonly #fixed: Uint8Array;

  constructor(capacity: Float64Array, paths: FluidPaths) {
    const links = capacity.length;
    this.rate = new Float64Array(paths.count);
    this.changed = new Int32Array(paths.count);
    this.#capacity = capacity.slice();
    this.#paths = paths;
    this.#weight = new Float64Array(paths.count);
    this.#start = new Uint32Array(links + 1);
    for (let i = 0; i < paths.link.length; i++) this.#start[paths.link[i]! + 1]!++;
    for (let l = 0; l < links; l++) this.#start[l + 1]! += this.#start[l]!;
    const next = this.#start.slice();
    this.#path = new Uint32Array(paths.link.length);
    for (let p = 0; p < paths.count; p++) {
      for (let i = paths.start[p]!; i < paths.start[p + 1]!; i++) this.#path[next[paths.link[i]!]!++] = p;
    }
    this.#heap = new ItemHeap(links);
    this.#rest = new Float64Array(links);
    this.#active = new Float64Array(links);
    this.#count = new Int32Array(links);
    this.#fixed = new Uint8Array(paths.count);
  }

  /** Takes effect with the next solve. */
  setWeight(path: number, weight: number): void {
    this.#weight[path] = weight;
  }

  setCapacity(link: number, capacity: number): void {
    this.#capacity[link] = capacity;
  }

  solve(): void {
    const { start, link, share, count } = this.#paths;
    this.#rest.set(this.#capacity);
    this.#active.fill(0);
    this.#count.fill(0);
    this.changes = 0;
    for (let p = 0; p < count; p++) {
      const w = this.#weight[p]!;
      this.#fixed[p] = w > 0 ? 0 : 1;
      if (w === 0) this.#fix(p, 0);
      else {
        for (let i = start[p]!; i < start[p + 1]!; i++) {
          this.#active[link[i]!]! += share === null ? w : w * share[i]!;
          this.#count[link[i]!]!++;
        }
        this.touched += start[p + 1]! - start[p]!;
        this.whole += start[p + 1]! - start[p]!;
      }
    }
    for (let l = 0; l < this.#rest.length; l++) {
      if (this.#count[l]! > 0) this.#heap.set(l, this.#rest[l]! / this.#active[l]!);
    }
    while (this.#heap.size > 0) {
      const l = this.#heap.top;
      const level = Math.max(0, this.#heap.key[l]!);
      this.#heap.remove(l);
      for (let e = this.#start[l]!; e < this.#start[l + 1]!; e++) {
        const p = this.#path[e]!;
        if (this.#fixed[p] === 1) continue;
        this.#fix(p, level);
        const w = this.#weight[p]!;
        for (let i = start[p]!; i < start[p + 1]!; i++) {
          const other = link[i]!;
          const part = share === null ? w : w * share[i]!;
          this.#rest[other]! -= part * level;
          this.#active[other]! -= part;
          if (--this.#count[other]! === 0) this.#heap.remove(other);
          else if (other !== l)
            this.#heap.set(other, Math.max(level, this.#rest[other]! / this.#active[other]!));
        }
      }
    }
  }

  #fix(path: number, level: number): void {
    this.#fixed[path] = 1;
    if (this.rate[path] === level) return;
    this.rate[path] = level;
    this.changed[this.changes++] = path;
  }
}
