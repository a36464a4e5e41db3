import { isSwitch } from '../fabric/builder.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { LoadEngine } from '../flow/loads.ts';
import type { LinkLoad } from '../flow/types.ts';
import { type FlowUnits, flowUnits } from '../flow/units.ts';
import { LONGEST_PATH } from '../flow/walk.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { tableLink } from '../routes/modulo.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import type { EntryMove } from './types.ts';

/** Entries tried on a link, largest first, before it is taken to be beyond help. */
const TRIES = 8;

/** A move by ids: an entry (unit) and the link that it should leave its leaf by. */
export interface Move {
  readonly unit: number;
  readonly link: number;
  readonly before: number;
  readonly after: number;
}

/**
 * The (source leaf, destination) entries of tables with the load that each puts where, and what moving one of them would
 * do. A moved entry changes the port at its leaf alone: from the next switch on the packets follow that switch's own
 * table, as forwarding tables by destination make them. Flows that the tables do not join load nothing.
 */
export class Entries {
  readonly units: FlowUnits;
  readonly load: LinkLoad;
  unrouted = 0;
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #routes: TableRoutes;
  /** Link by which each unit leaves its leaf, -1 where it does not arrive. */
  readonly #first: Int32Array;
  readonly #path = new Int32Array(LONGEST_PATH);

  constructor(fabric: Fabric, hops: NextHops, flows: Flows, routes: TableRoutes) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#routes = routes;
    this.units = flowUnits(new LoadEngine(fabric, hops, flows), 'leaf');
    this.load = new Float64Array(fabric.links);
    const { count, source, dst, start } = this.units;
    this.#first = new Int32Array(count);
    for (let u = 0; u < count; u++) {
      this.#first[u] = tableLink(fabric, routes, hops, source[u]!, dst[u]!);
      const length = this.#follow(this.#first[u]!, dst[u]!);
      if (length < 0) {
        this.#first[u] = -1;
        this.unrouted += start[u + 1]! - start[u]!;
      } else this.#add(length, this.units.bytes[u]!);
    }
  }

  /** Calls `visit` for every unit that crosses one of the marked links, with that link. O(units * hops). */
  crossings(marked: Uint8Array, visit: (unit: number, link: number) => void): void {
    for (let u = 0; u < this.units.count; u++) {
      if (this.#first[u]! < 0) continue;
      const length = this.#follow(this.#first[u]!, this.units.dst[u]!);
      for (let h = 0; h < length; h++) if (marked[this.#path[h]!] === 1) visit(u, this.#path[h]!);
    }
  }

  /** The move of one of the largest entries on a link that leaves link and new way coolest; null when none helps. */
  relief(link: number, crossing: readonly number[]): Move | null {
    const before = this.#seconds(link, 0);
    let best: Move | null = null;
    const { bytes } = this.units;
    const largest = [...crossing].sort((a, b) => bytes[b]! - bytes[a]! || a - b).slice(0, TRIES);
    for (const unit of largest) {
      const way = this.#bestWay(unit);
      if (way === null) continue;
      const after = Math.max(way.worst, this.#seconds(link, -bytes[unit]!));
      if (after < (best?.after ?? before) * (1 - HAIR)) best = { unit, link: way.link, before, after };
    }
    return best;
  }

  apply({ unit, link }: Move): void {
    const { dst, bytes } = this.units;
    this.#add(this.#follow(this.#first[unit]!, dst[unit]!), -bytes[unit]!);
    this.#first[unit] = link;
    this.#add(this.#follow(link, dst[unit]!), bytes[unit]!);
  }

  /** A move in the words of an operator. Call it before `apply`. */
  describe({ unit, link, before, after }: Move): EntryMove {
    const { names, linkPort, linkTo } = this.#fabric;
    return {
      leaf: names[this.units.source[unit]!]!,
      to: names[this.units.dst[unit]!]!,
      fromPort: linkPort[this.#first[unit]!]!,
      toPort: linkPort[link]!,
      via: names[linkTo[link]!]!,
      bytes: this.units.bytes[unit]!,
      before,
      after,
    };
  }

  #seconds(link: number, more: number): number {
    return (this.load[link]! + more) / this.#fabric.linkRate[link]!;
  }

  /** Among the other minimal ports of the leaf, the one whose fullest link would be emptiest. */
  #bestWay(unit: number): { link: number; worst: number } | null {
    const source = this.units.source[unit]!;
    const dst = this.units.dst[unit]!;
    const bytes = this.units.bytes[unit]!;
    const own = this.#first[unit]!;
    const { pool, leafOf } = this.#hops;
    const list = this.#hops.list(source, leafOf[dst]!);
    this.#add(this.#follow(own, dst), -bytes);
    let best: { link: number; worst: number } | null = null;
    for (let c = 1; c <= pool[list]!; c++) {
      const link = pool[list + c]!;
      const length = link === own ? -1 : this.#follow(link, dst);
      let worst = 0;
      for (let h = 0; h < length; h++) worst = Math.max(worst, this.#seconds(this.#path[h]!, bytes));
      if (length > 0 && (best === null || worst < best.worst)) best = { link, worst };
    }
    this.#add(this.#follow(own, dst), bytes);
    return best;
  }

  /** Links from `first` on to the destination's leaf, into #path; how many, or -1 when the tables lead nowhere. */
  #follow(first: number, dst: number): number {
    const { linkTo, linkAlive } = this.#fabric;
    const leaf = this.#hops.leafOf[dst]!;
    let link = first;
    for (let length = 0; length < LONGEST_PATH; ) {
      if (link < 0 || linkAlive[link] !== 1 || !isSwitch(this.#fabric, linkTo[link]!)) return -1;
      this.#path[length++] = link;
      if (linkTo[link] === leaf) return length;
      link = tableLink(this.#fabric, this.#routes, this.#hops, linkTo[link]!, dst);
    }
    return -1;
  }

  #add(length: number, bytes: number): void {
    for (let h = 0; h < length; h++) this.load[this.#path[h]!]! += bytes;
  }
}
