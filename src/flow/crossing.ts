import type { Fabric } from '../fabric/types.ts';
import type { NextHops } from '../routes/types.ts';
import { AdaptiveSpread, adaptiveShare } from './adaptive.ts';
import { switchLinks } from './summary.ts';
import type { FlowWalks, LinkLoad } from './types.ts';
import type { FlowUnits } from './units.ts';

/** Which units cross a link under the base policy, and what they put where. */
export interface Crossing {
  /** Units on the link by falling bytes on it (then by number), those in `without` left out. */
  largest(link: number, without: ReadonlyMap<number, unknown>, n: number): number[];
  /** Adds the unit's base load, times `sign`. */
  move(unit: number, load: LinkLoad, sign: 1 | -1): void;
}

/** Ranks candidate units by the bytes they have on a link. */
class Ranking {
  readonly #bytes: Float64Array;
  readonly #touched: number[] = [];

  constructor(units: number) {
    this.#bytes = new Float64Array(units);
  }

  add(unit: number, bytes: number): void {
    if (this.#bytes[unit] === 0) this.#touched.push(unit);
    this.#bytes[unit]! += bytes;
  }

  /** The n largest; forgets all. */
  take(n: number): number[] {
    const bytes = this.#bytes;
    const top = this.#touched.sort((a, b) => bytes[b]! - bytes[a]! || a - b).slice(0, n);
    for (const unit of this.#touched) bytes[unit] = 0;
    this.#touched.length = 0;
    return top;
  }
}

/** Links whose units are looked up in one pass over all flows; each pass takes so many times as many as the last. */
const LOOKED_UP = 256;
const GROWTH = 4;

export class WalkedCrossing implements Crossing {
  readonly #fabric: Fabric;
  readonly #walks: FlowWalks;
  readonly #units: FlowUnits;
  readonly #ranking: Ranking;
  /** The loads that change as units move: what is hottest is likely to be asked for. */
  readonly #load: LinkLoad;
  /** By link: unit and bytes of each (flow, queue pair) on it. */
  readonly #on = new Map<number, { readonly unit: number[]; readonly bytes: number[] }>();
  #next = LOOKED_UP;

  constructor(fabric: Fabric, walks: FlowWalks, units: FlowUnits, load: LinkLoad) {
    this.#fabric = fabric;
    this.#walks = walks;
    this.#units = units;
    this.#ranking = new Ranking(units.count);
    this.#load = load;
  }

  #eachHop(unit: number, visit: (link: number, bytes: number) => void): void {
    const { start, flow } = this.#units;
    for (let i = start[unit]!; i < start[unit + 1]!; i++) this.#walks.each(flow[i]!, visit);
  }

  /** Of `link` and of the hottest links between switches that were not looked up before. O(flows * hops + links log links). */
  #lookUp(link: number): void {
    const { linkRate, links } = this.#fabric;
    const inner = switchLinks(this.#fabric).filter((l) => !this.#on.has(l));
    const seconds = Float64Array.from(inner, (l) => this.#load[l]! / linkRate[l]!).sort();
    const least = seconds[Math.max(0, seconds.length - this.#next)] ?? 0;
    const wanted = [...inner].filter((l) => this.#load[l]! / linkRate[l]! >= least).slice(0, this.#next);
    const on = new Array<{ unit: number[]; bytes: number[] } | undefined>(links).fill(undefined);
    for (const l of [link, ...wanted]) {
      on[l] = { unit: [], bytes: [] };
      this.#on.set(l, on[l]);
    }
    for (let u = 0; u < this.#units.count; u++) {
      this.#eachHop(u, (l, bytes) => {
        on[l]?.unit.push(u);
        on[l]?.bytes.push(bytes);
      });
    }
    this.#next *= GROWTH;
  }

  largest(link: number, without: ReadonlyMap<number, unknown>, n: number): number[] {
    if (!this.#on.has(link)) this.#lookUp(link);
    const { unit, bytes } = this.#on.get(link)!;
    for (let i = 0; i < unit.length; i++) {
      if (!without.has(unit[i]!)) this.#ranking.add(unit[i]!, bytes[i]!);
    }
    return this.#ranking.take(n);
  }

  move(unit: number, load: LinkLoad, sign: 1 | -1): void {
    this.#eachHop(unit, (link, bytes) => {
      load[link]! += sign * bytes;
    });
  }
}

export class SpreadCrossing implements Crossing {
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #units: FlowUnits;
  readonly #ranking: Ranking;
  readonly #spread: AdaptiveSpread;

  constructor(fabric: Fabric, hops: NextHops, units: FlowUnits) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#units = units;
    this.#ranking = new Ranking(units.count);
    this.#spread = new AdaptiveSpread(fabric, hops);
  }

  #sourceLeaf(unit: number): number {
    const source = this.#units.source[unit]!;
    return this.#units.kind === 'leaf' ? source : this.#hops.leafOf[source]!;
  }

  largest(link: number, without: ReadonlyMap<number, unknown>, n: number): number[] {
    const shares = new Map<number, number>();
    const { nodes, linkFrom, linkTo, linkDirection, tier } = this.#fabric;
    // A link at a leaf is crossed only by what that leaf sends or receives.
    const only = tier[linkFrom[link]!] === 1 && linkDirection[link] === 1 ? linkFrom[link]! : -1;
    const onlyTo = tier[linkTo[link]!] === 1 && linkDirection[link] === -1 ? linkTo[link]! : -1;
    for (let u = 0; u < this.#units.count; u++) {
      const from = this.#sourceLeaf(u);
      const leaf = this.#hops.leafOf[this.#units.dst[u]!]!;
      if ((only >= 0 && from !== only) || (onlyTo >= 0 && leaf !== onlyTo) || without.has(u)) continue;
      const key = from * nodes + leaf;
      let share = shares.get(key);
      if (share === undefined) {
        share = adaptiveShare(this.#fabric, this.#hops, from, leaf, link);
        shares.set(key, share);
      }
      if (share > 0) this.#ranking.add(u, share * this.#units.bytes[u]!);
    }
    return this.#ranking.take(n);
  }

  move(unit: number, load: LinkLoad, sign: 1 | -1): void {
    const leaf = this.#hops.leafOf[this.#units.dst[unit]!]!;
    this.#spread.add(this.#sourceLeaf(unit), leaf, sign * this.#units.bytes[unit]!, 0);
    this.#spread.send(leaf, {
      add: (link, bytes) => {
        load[link]! += bytes;
      },
    });
  }
}
