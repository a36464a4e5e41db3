import type { Fabric, Flows } from '../fabric/types.ts';
import type { EcmpRoutes, NextHops, TableRoutes } from '../routes/types.ts';
import { AdaptiveSpread, adaptiveShare } from './adaptive.ts';
import type { LinkLoad } from './types.ts';
import type { FlowUnits } from './units.ts';
import { flowKeys, type Walker, walkerOf } from './walk.ts';

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

export class WalkedCrossing implements Crossing {
  readonly #walker: Walker;
  readonly #flows: Flows;
  readonly #units: FlowUnits;
  readonly #keys: Uint32Array | null;
  readonly #queuePairs: number;
  readonly #ranking: Ranking;
  /** CSR over links: unit and bytes of each (flow, queue pair) on it. */
  readonly #start: Uint32Array;
  readonly #unit: Int32Array;
  readonly #bytes: Float64Array;

  constructor(
    fabric: Fabric,
    hops: NextHops,
    flows: Flows,
    base: TableRoutes | EcmpRoutes,
    units: FlowUnits,
  ) {
    this.#walker = walkerOf(fabric, hops, base);
    this.#flows = flows;
    this.#units = units;
    this.#queuePairs = base.kind === 'ecmp' ? base.queuePairs : 1;
    this.#keys = base.kind === 'ecmp' ? flowKeys(flows, base.queuePairs) : null;
    this.#ranking = new Ranking(units.count);
    this.#start = new Uint32Array(fabric.links + 1);
    for (let u = 0; u < units.count; u++) this.#eachHop(u, (link) => this.#start[link + 1]!++);
    for (let l = 0; l < fabric.links; l++) this.#start[l + 1]! += this.#start[l]!;
    const next = this.#start.slice();
    this.#unit = new Int32Array(this.#start[fabric.links]!);
    this.#bytes = new Float64Array(this.#unit.length);
    for (let u = 0; u < units.count; u++) {
      this.#eachHop(u, (link, bytes) => {
        this.#unit[next[link]!] = u;
        this.#bytes[next[link]!++] = bytes;
      });
    }
  }

  #eachHop(unit: number, visit: (link: number, bytes: number) => void): void {
    const q = this.#queuePairs;
    for (let i = this.#units.start[unit]!; i < this.#units.start[unit + 1]!; i++) {
      const f = this.#units.flow[i]!;
      for (let k = 0; k < q; k++) {
        const key = this.#keys === null ? 0 : this.#keys[f * q + k]!;
        const length = this.#walker.walk(this.#flows.src[f]!, this.#flows.dst[f]!, key);
        for (let h = 0; h < length; h++) visit(this.#walker.path[h]!, this.#flows.bytes[f]! / q);
      }
    }
  }

  largest(link: number, without: ReadonlyMap<number, unknown>, n: number): number[] {
    for (let i = this.#start[link]!; i < this.#start[link + 1]!; i++) {
      if (!without.has(this.#unit[i]!)) this.#ranking.add(this.#unit[i]!, this.#bytes[i]!);
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
  readonly #unused: Float64Array;

  constructor(fabric: Fabric, hops: NextHops, units: FlowUnits) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#units = units;
    this.#ranking = new Ranking(units.count);
    this.#spread = new AdaptiveSpread(fabric, hops);
    this.#unused = new Float64Array(fabric.links);
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
    this.#spread.send(leaf, load, this.#unused);
  }
}
