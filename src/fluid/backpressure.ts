import { HAIR, INSTANT } from '../numeric/tolerance.ts';
import { ItemHeap } from './heap.ts';
import type { FluidPaths, RateSolver } from './types.ts';

/**
 * Rates in a lossless network, where a full link pauses those before it (priority flow control, or credits). Flows that
 * share a link leave it in the order in which they came: one that is held back downstream holds back all others that
 * share a link with it on the way there (head-of-line blocking), whether they are bound for the full link or not.
 *
 * Progressive filling with one rule more: a link that is full fixes those who cross it, and whoever shares a link
 * upstream of it with one that is fixed is fixed at the same rate a weight, and so on towards the senders. Every path
 * is a list of links from sender to receiver, and all of a flow crosses each of them.
 * O(entries * log links) a solve, from scratch each time.
 */
export class BackpressureRates implements RateSolver {
  readonly rate: Float64Array;
  readonly changed: Int32Array;
  changes = 0;
  touched = 0;
  whole = 0;
  readonly #capacity: Float64Array;
  readonly #weight: Float64Array;
  readonly #paths: FluidPaths;
  /** Paths of each link, and the place of the link on each. */
  readonly #start: Uint32Array;
  readonly #path: Uint32Array;
  readonly #place: Uint32Array;
  readonly #rest: Float64Array;
  readonly #rising: Float64Array;
  /** Rate of each path in this solve; -1 while it still rises. */
  readonly #next: Float64Array;
  readonly #links: ItemHeap;
  /** Paths that were fixed and the place from which they hold others back. */
  readonly #stackPath: Int32Array;
  readonly #stackPlace: Int32Array;
  /** This filling's number, and that of the one which fixed each path. */
  #filling = 0;
  readonly #fixedBy: Float64Array;
  /** Links whose paths have all been held back. */
  readonly #held: Uint8Array;

  constructor(capacity: Float64Array, paths: FluidPaths) {
    const links = capacity.length;
    const entries = paths.link.length;
    this.#capacity = capacity.slice();
    this.#paths = paths;
    this.rate = new Float64Array(paths.count);
    this.changed = new Int32Array(paths.count);
    this.#weight = new Float64Array(paths.count);
    this.#next = new Float64Array(paths.count);
    this.#start = new Uint32Array(links + 1);
    for (let i = 0; i < entries; i++) this.#start[paths.link[i]! + 1]!++;
    for (let l = 0; l < links; l++) this.#start[l + 1]! += this.#start[l]!;
    const next = this.#start.slice();
    this.#path = new Uint32Array(entries);
    this.#place = new Uint32Array(entries);
    for (let p = 0; p < paths.count; p++) {
      for (let i = paths.start[p]!; i < paths.start[p + 1]!; i++) {
        const at = next[paths.link[i]!]!++;
        this.#path[at] = p;
        this.#place[at] = i;
      }
    }
    this.#rest = new Float64Array(links);
    this.#rising = new Float64Array(links);
    this.#links = new ItemHeap(links);
    this.#stackPath = new Int32Array(entries);
    this.#fixedBy = new Float64Array(paths.count);
    this.#stackPlace = new Int32Array(paths.count);
    this.#held = new Uint8Array(links);
  }

  setWeight(path: number, weight: number): void {
    this.#weight[path] = weight;
  }

  setCapacity(link: number, capacity: number): void {
    this.#capacity[link] = capacity;
  }

  solve(): void {
    this.#begin();
    const links = this.#links;
    while (links.size > 0) {
      const link = links.top;
      const level = Math.max(0, this.#rest[link]!) / this.#rising[link]!;
      // Its level has risen since it was put in: others come first.
      if (level > links.key[link]! * (1 + INSTANT)) links.set(link, level);
      else this.#fill(link, level);
    }
    this.#end();
  }

  #begin(): void {
    const { count, start, link } = this.#paths;
    this.#rising.fill(0);
    this.#held.fill(0);
    for (let p = 0; p < count; p++) {
      const weight = this.#weight[p]!;
      this.#next[p] = weight > 0 ? -1 : 0;
      if (weight === 0) continue;
      for (let i = start[p]!; i < start[p + 1]!; i++) this.#rising[link[i]!]! += weight;
      this.touched += start[p + 1]! - start[p]!;
    }
    this.whole = this.touched;
    for (let l = 0; l < this.#rising.length; l++) {
      this.#rest[l] = this.#capacity[l]!;
      if (this.#rising[l]! > 0) this.#links.set(l, this.#capacity[l]! / this.#rising[l]!);
    }
  }

  #end(): void {
    this.changes = 0;
    for (let p = 0; p < this.rate.length; p++) {
      const rate = Math.max(0, this.#next[p]!);
      if (rate === this.rate[p]) continue;
      this.rate[p] = rate;
      this.changed[this.changes++] = p;
    }
  }

  /** The link is full: its paths are fixed, and all that they hold back. */
  #fill(link: number, level: number): void {
    this.#links.remove(link);
    this.#filling++;
    let stack = this.#fixAll(link, level, 0);
    const { start, link: linkOf } = this.#paths;
    while (stack > 0) {
      const path = this.#stackPath[--stack]!;
      for (let i = start[path]!; i < this.#stackPlace[path]!; i++) {
        const upstream = linkOf[i]!;
        if (this.#held[upstream] === 1) continue;
        this.#held[upstream] = 1;
        stack = this.#fixAll(upstream, level, stack);
      }
    }
  }

  /**
   * Fixes the rising paths of a link. Each, and those that were fixed in this filling farther up already, holds back what
   * shares the way to this link with it.
   */
  #fixAll(link: number, level: number, stack: number): number {
    let top = stack;
    for (let e = this.#start[link]!; e < this.#start[link + 1]!; e++) {
      const path = this.#path[e]!;
      const place = this.#place[e]!;
      if (this.#next[path] === -1) this.#fix(path, level);
      else if (this.#fixedBy[path] !== this.#filling || place <= this.#stackPlace[path]!) continue;
      this.#fixedBy[path] = this.#filling;
      this.#stackPath[top++] = path;
      this.#stackPlace[path] = place;
    }
    return top;
  }

  #fix(path: number, level: number): void {
    const { start, link } = this.#paths;
    const weight = this.#weight[path]!;
    this.#next[path] = level;
    for (let i = start[path]!; i < start[path + 1]!; i++) {
      const l = link[i]!;
      this.#rest[l]! -= level * weight;
      this.#rising[l]! -= weight;
      // Weights are counts of flows, so that the last to go leaves nothing; else a hair of rounding.
      if (this.#rising[l]! <= weight * HAIR) this.#links.remove(l);
    }
  }
}
