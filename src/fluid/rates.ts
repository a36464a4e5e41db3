import { INSTANT } from '../numeric/tolerance.ts';
import { ItemHeap } from './heap.ts';
import type { FluidPaths } from './types.ts';

/** Rates that differ by less than this part are one: only rounding sets them apart. */
const LEVEL = 10 * INSTANT;
const ABOVE = 1 + LEVEL;
const BELOW = 1 - LEVEL;

/**
 * Max-min fair rates of the paths that carry something, kept as their weights and the capacities change.
 *
 * Progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2) lets the rate a weight rise from 0 for all together;
 * a link that is full fixes those who cross it. Here only what changed is filled again. Nothing is different below the
 * level where the first change is felt: for a path that goes, its own old rate; for one that comes, the level at which it
 * would fill one of its links. From there on upwards, links are touched only when one of their paths is found to get another
 * rate than before, at the level where it parts from it:
 *  - a touched link that fills up fixes its paths; one fixed at another rate than before touches all its links;
 *  - a path on a touched link whose old level comes by stays as it was while the link that held it is untouched;
 *    otherwise it passes, goes on rising, and touches all its links.
 * An untouched link has all its paths as before, so it fills up when it did. O(entries of touched links * log).
 */
export class Rates {
  /** Rate a unit of weight, by path; 0 where nothing flows. */
  readonly rate: Float64Array;
  /** Paths whose rate changed in the last solve: changed[0] to changed[changes - 1]. */
  readonly changed: Int32Array;
  changes = 0;
  /** Entries (path, link) that solves looked at so far, and that solves from scratch would have looked at. */
  touched = 0;
  whole = 0;
  readonly #capacity: Float64Array;
  readonly #weight: Float64Array;
  /** Entries by path: [pathStart[p], pathStart[p + 1]). */
  readonly #pathStart: Uint32Array;
  readonly #link: Uint32Array;
  readonly #share: Float64Array;
  /**
   * The same by link, those of paths that carry something first: `live` of them from linkStart. Each with its path and
   * share, and where it stands by path; `place` leads back.
   */
  readonly #linkStart: Uint32Array;
  readonly #live: Int32Array;
  readonly #pathAt: Int32Array;
  readonly #shareAt: Float64Array;
  readonly #entryAt: Int32Array;
  readonly #place: Int32Array;
  #liveEntries = 0;
  /** The link that holds each path. */
  readonly #held: Int32Array;
  /** Paths and links changed since the last solve, and the paths' weights before. */
  readonly #news: Int32Array;
  readonly #isNew: Uint8Array;
  #newsCount = 0;
  readonly #before: Float64Array;
  readonly #newLinks: number[] = [];
  /** Marks of this solve are 2 * now (seen) and 2 * now + 1 (fixed) of paths, now of links; older ones mean nothing. */
  #now = 0;
  readonly #mark: Int32Array;
  readonly #isTouched: Int32Array;
  readonly #isGauged: Int32Array;
  readonly #gauge: Float64Array;
  /** Of touched links: capacity left for, weight of, and number of paths that still rise. */
  readonly #rest: Float64Array;
  readonly #rising: Float64Array;
  readonly #count: Int32Array;
  /** Links by the level at which they fill up, perhaps too low; paths by the level at which to look at them. */
  readonly #links: ItemHeap;
  readonly #paths: ItemHeap;

  constructor(capacity: Float64Array, { count, start, link, share }: FluidPaths) {
    const links = capacity.length;
    const entries = link.length;
    this.rate = new Float64Array(count);
    this.changed = new Int32Array(count);
    this.#capacity = capacity.slice();
    this.#weight = new Float64Array(count);
    this.#pathStart = start;
    this.#link = link;
    this.#share = share ?? new Float64Array(entries).fill(1);
    this.#linkStart = new Uint32Array(links + 1);
    for (let i = 0; i < entries; i++) this.#linkStart[link[i]! + 1]!++;
    for (let l = 0; l < links; l++) this.#linkStart[l + 1]! += this.#linkStart[l]!;
    this.#live = new Int32Array(links);
    this.#pathAt = new Int32Array(entries);
    this.#shareAt = new Float64Array(entries);
    this.#entryAt = new Int32Array(entries);
    this.#place = new Int32Array(entries);
    const next = this.#linkStart.slice();
    for (let p = 0; p < count; p++) {
      for (let i = start[p]!; i < start[p + 1]!; i++) this.#put(i, p, next[link[i]!]!++);
    }
    this.#held = new Int32Array(count).fill(-1);
    this.#news = new Int32Array(count);
    this.#isNew = new Uint8Array(count);
    this.#before = new Float64Array(count);
    this.#mark = new Int32Array(count);
    this.#isTouched = new Int32Array(links);
    this.#isGauged = new Int32Array(links);
    this.#gauge = new Float64Array(links);
    this.#rest = new Float64Array(links);
    this.#rising = new Float64Array(links);
    this.#count = new Int32Array(links);
    this.#links = new ItemHeap(links);
    this.#paths = new ItemHeap(count);
  }

  /** Takes effect with the next solve. */
  setWeight(path: number, weight: number): void {
    if (this.#isNew[path] === 0) {
      this.#isNew[path] = 1;
      this.#news[this.#newsCount++] = path;
      this.#before[path] = this.#weight[path]!;
    }
    this.#weight[path] = weight;
  }

  setCapacity(link: number, capacity: number): void {
    this.#newLinks.push(link);
    this.#capacity[link] = capacity;
  }

  solve(): void {
    this.#now++;
    this.changes = 0;
    this.#takeNews();
    const links = this.#links;
    const paths = this.#paths;
    while (links.size + paths.size > 0) {
      const link = links.size > 0 ? links.key[links.top]! : Number.POSITIVE_INFINITY;
      const path = paths.size > 0 ? paths.key[paths.top]! : Number.POSITIVE_INFINITY;
      if (link <= path) this.#fill(links.top, link);
      else this.#look(paths.top, path);
    }
    this.whole += this.#liveEntries;
  }

  /** Where the filling has to begin for each change. */
  #takeNews(): void {
    const alone = this.#liveEntries === 0;
    for (let i = 0; i < this.#newsCount; i++) {
      const p = this.#news[i]!;
      const weight = this.#weight[p]!;
      if (weight === 0 && this.#before[p]! > 0) this.#retire(p);
      else if (weight > 0 && this.#before[p] === 0) this.#enlist(p);
    }
    for (let i = 0; i < this.#newsCount; i++) {
      const p = this.#news[i]!;
      const weight = this.#weight[p]!;
      const before = this.#before[p]!;
      const rate = this.rate[p]!;
      if (weight === before || this.#liveEntries === 0) this.#isNew[p] = 0;
      else if (alone) {
        this.#isNew[p] = 0;
        this.#touchAll(p, 0);
      } else if (weight > before) this.#paths.set(p, Math.min(rate, this.#leastLevel(p)));
      else this.#paths.set(p, rate);
      if (weight === 0 && before > 0) this.#assign(p, 0);
    }
    this.#newsCount = 0;
    for (const l of this.#newLinks) this.#touch(l, 0);
    this.#newLinks.length = 0;
  }

  /** The path joins the living of its links. Its rate until now counts as unlimited. */
  #enlist(path: number): void {
    this.rate[path] = Number.POSITIVE_INFINITY;
    for (let i = this.#pathStart[path]!; i < this.#pathStart[path + 1]!; i++) {
      const l = this.#link[i]!;
      this.#swap(i, path, this.#linkStart[l]! + this.#live[l]!++);
    }
    this.#liveEntries += this.#pathStart[path + 1]! - this.#pathStart[path]!;
  }

  #retire(path: number): void {
    for (let i = this.#pathStart[path]!; i < this.#pathStart[path + 1]!; i++) {
      const l = this.#link[i]!;
      this.#swap(i, path, this.#linkStart[l]! + --this.#live[l]!);
    }
    this.#liveEntries -= this.#pathStart[path + 1]! - this.#pathStart[path]!;
  }

  /** Brings an entry to another place of its link's list, what stands there to its own. */
  #swap(entry: number, path: number, to: number): void {
    const from = this.#place[entry]!;
    this.#put(this.#entryAt[to]!, this.#pathAt[to]!, from);
    this.#put(entry, path, to);
  }

  #put(entry: number, path: number, at: number): void {
    this.#entryAt[at] = entry;
    this.#pathAt[at] = path;
    this.#shareAt[at] = this.#share[entry]!;
    this.#place[entry] = at;
  }

  /** A level below which no link of the path fills up. */
  #leastLevel(path: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = this.#pathStart[path]!; i < this.#pathStart[path + 1]!; i++) {
      const l = this.#link[i]!;
      if (this.#isGauged[l] !== this.#now) {
        this.#isGauged[l] = this.#now;
        this.#gauge[l] = this.#fillLevel(l);
      }
      least = Math.min(least, this.#gauge[l]!);
    }
    return least;
  }

  /**
   * A bound from below on the level at which a link fills up: what it would be if paths with a lower rate than it kept
   * theirs and all others rose for ever. From all rising on, a few rounds; each is a bound.
   */
  #fillLevel(link: number): number {
    const from = this.#linkStart[link]!;
    const to = from + this.#live[link]!;
    let level = 0;
    for (let round = 0; round < 3; round++) {
      let rest = this.#capacity[link]!;
      let rising = 0;
      for (let at = from; at < to; at++) {
        const p = this.#pathAt[at]!;
        const part = this.#shareAt[at]! * this.#weight[p]!;
        const rate = this.rate[p]!;
        if (rate < level) rest -= part * rate;
        else rising += part;
      }
      const next = Math.max(0, rest) / rising;
      if (!(next > level)) break;
      level = next;
    }
    return level * BELOW;
  }

  /** A link whose paths are not all as before: what is left of it at `level` for those who still rise. */
  #touch(link: number, level: number): void {
    if (this.#isTouched[link] === this.#now) return;
    this.#isTouched[link] = this.#now;
    const rates = this.rate;
    const weights = this.#weight;
    const paths = this.#pathAt;
    const shares = this.#shareAt;
    const marks = this.#mark;
    const seen = 2 * this.#now;
    const from = this.#linkStart[link]!;
    const to = from + this.#live[link]!;
    const low = level * BELOW;
    let rest = this.#capacity[link]!;
    let rising = 0;
    let count = 0;
    for (let at = from; at < to; at++) {
      const p = paths[at]!;
      const part = shares[at]! * weights[p]!;
      const rate = rates[p]!;
      if (rate < low || marks[p]! > seen) {
        rest -= part * rate;
        continue;
      }
      rising += part;
      count++;
      if (marks[p] === seen) continue;
      marks[p] = seen;
      // A path that is waiting to touch its own links is looked at again after that.
      if (this.#isNew[p] === 0 && rate < Number.POSITIVE_INFINITY) this.#paths.set(p, rate * ABOVE);
    }
    this.touched += to - from;
    this.#rest[link] = rest;
    this.#rising[link] = rising;
    this.#count[link] = count;
    if (count > 0) this.#links.set(link, Math.max(level, rest / rising));
  }

  /** The touched link that comes next fills up, unless its level has risen since it was put in. */
  #fill(link: number, level: number): void {
    const actual = this.#rest[link]! / this.#rising[link]!;
    if (actual > level) {
      this.#links.set(link, actual);
      return;
    }
    this.#links.remove(link);
    const seen = 2 * this.#now;
    const from = this.#linkStart[link]!;
    const to = from + this.#live[link]!;
    for (let at = from; at < to; at++) {
      const p = this.#pathAt[at]!;
      if (this.#mark[p] !== seen) continue;
      const old = this.rate[p]!;
      this.#held[p] = link;
      if (level >= old * BELOW && level <= old * ABOVE) this.#fix(p);
      else {
        this.#assign(p, level);
        this.#fix(p);
        this.#touchAll(p, level);
      }
    }
  }

  /** The old level of a path on a touched link comes by, or the level where a change begins. */
  #look(path: number, level: number): void {
    this.#paths.remove(path);
    if (this.#isNew[path] === 1) {
      this.#isNew[path] = 0;
      this.#touchAll(path, level);
      const rate = this.rate[path]!;
      if (this.#weight[path]! > 0 && rate < Number.POSITIVE_INFINITY) this.#paths.set(path, rate * ABOVE);
    } else if (this.#mark[path]! <= 2 * this.#now) {
      if (this.#isTouched[this.#held[path]!] === this.#now) this.#touchAll(path, this.rate[path]!);
      else this.#fix(path);
    }
  }

  #touchAll(path: number, level: number): void {
    for (let i = this.#pathStart[path]!; i < this.#pathStart[path + 1]!; i++)
      this.#touch(this.#link[i]!, level);
  }

  #assign(path: number, rate: number): void {
    this.rate[path] = rate;
    this.changed[this.changes++] = path;
  }

  /** The path has its rate: its touched links have that much less for the others. */
  #fix(path: number): void {
    const weight = this.#weight[path]!;
    const rate = this.rate[path]!;
    this.#mark[path] = 2 * this.#now + 1;
    for (let i = this.#pathStart[path]!; i < this.#pathStart[path + 1]!; i++) {
      const l = this.#link[i]!;
      if (this.#isTouched[l] !== this.#now) continue;
      const part = this.#share[i]! * weight;
      this.#rest[l]! -= part * rate;
      this.#rising[l]! -= part;
      if (--this.#count[l]! === 0) this.#links.remove(l);
    }
  }
}
