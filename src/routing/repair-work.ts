import { type Fabric, NodeKind } from '../fabric/types.ts';
import { isInner, radixOf } from '../routes/reach.ts';
import type { TableRoutes, Ways } from '../routes/types.ts';

/** One entry of a table that a repair replaced: at switch `node` for endpoint `dst`; links by fabric id. */
export interface EntryChange {
  readonly node: number;
  readonly dst: number;
  /** -1 where there was no such port. */
  readonly before: number;
  readonly after: number;
}

/** A fabric with its next hops: before a failure, or after it (the same links, fewer of them live). */
export interface Wiring {
  readonly fabric: Fabric;
  readonly hops: Ways;
  /** Workload endpoints below each switch, by node - endpoints. */
  readonly hosts: Float64Array;
}

export function wiringOf(fabric: Fabric, hops: Ways): Wiring {
  const hosts = new Float64Array(fabric.nodes - fabric.endpoints);
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.kind[e] === NodeKind.endpoint && hops.leafOf[e]! >= 0)
      hosts[hops.leafOf[e]! - fabric.endpoints]!++;
  }
  return { fabric, hops, hosts };
}

/** More links than any path between switches has. */
const LONGEST = 16;

/** The live link between switches that the tables name at `node` for `dst`, or -1. */
export function entryOf(fabric: Fabric, routes: TableRoutes, node: number, dst: number): number {
  const row = routes.rows[node - fabric.endpoints]!;
  const link = row === null ? -1 : fabric.linkStart[node]! + row[routes.column[dst]!]!;
  return link >= 0 && link < fabric.linkStart[node + 1]! && isInner(fabric, link) ? link : -1;
}

/** Adds what the leaves send to `dst` (one unit an endpoint) to the links of the tables' paths, as far as they lead. */
export function addTree(wiring: Wiring, routes: TableRoutes, dst: number, load: Float64Array): void {
  const { fabric, hops, hosts } = wiring;
  const leaf = hops.leafOf[dst]!;
  if (leaf < 0 || fabric.kind[dst] !== NodeKind.endpoint) return;
  for (let s = 0; s < hosts.length; s++) {
    if (hosts[s] === 0 || fabric.plane[fabric.endpoints + s] !== fabric.plane[dst]) continue;
    let node = fabric.endpoints + s;
    for (let hop = 0; node !== leaf && hop < LONGEST; hop++) {
      const link = entryOf(fabric, routes, node, dst);
      if (link < 0) break;
      load[link]! += hosts[s]!;
      node = fabric.linkTo[link]!;
    }
  }
}

/**
 * 'few': an entry stays as long as what it leads to has a way, or can be given one. 'even': leaves whose path is gone choose
 * anew, each the path whose fullest link stays emptiest; more entries change, and less piles up.
 */
export type RepairPolicy = 'few' | 'even';

/** What is known of a switch for the destination at hand. */
const Way = { unknown: 0, broken: 1, asking: 2, none: 3, rising: 4, falling: 5 } as const;

/** One repair under work: destination by destination, with the load of every link kept up to date. */
export class RepairWork {
  readonly changes: EntryChange[] = [];
  readonly load: Float64Array;
  lostPairs = 0;
  /** False once a path goes up again after it went down. */
  ordered = true;
  readonly #before: Wiring;
  readonly #after: Wiring;
  readonly #routes: TableRoutes;
  readonly #policy: RepairPolicy;
  readonly #radix: number;
  readonly #through: Float64Array;
  /** By node - endpoints, for the destination at hand: a Way, and the link taken. */
  readonly #way: Uint8Array;
  readonly #link: Int32Array;

  constructor(before: Wiring, after: Wiring, routes: TableRoutes, policy: RepairPolicy, load: Float64Array) {
    this.#before = before;
    this.#after = after;
    this.#routes = routes;
    this.#policy = policy;
    this.#radix = radixOf(after.fabric);
    this.load = load;
    this.#through = new Float64Array(before.hosts.length);
    this.#way = new Uint8Array(before.hosts.length);
    this.#link = new Int32Array(before.hosts.length);
  }

  /**
   * Gives every switch that lost its way to `dst` another. `dead` are the links that died, as far as entries name them;
   * with null every switch is looked at, which also fills holes. O(switches behind the dead links x ports, or all
   * switches; + changes x ports x hops).
   */
  repair(dst: number, dead: readonly number[] | null): void {
    const { fabric, hops, hosts } = this.#after;
    const leaf = hops.leafOf[dst]!;
    this.#way.fill(Way.unknown);
    const broken = leaf < 0 || dead === null ? this.#unjoined(dst, leaf) : this.#behind(dst, dead);
    this.#through.fill(0);
    for (const node of broken) if (this.#sends(node, dst)) this.#unload(node, dst);
    if (leaf < 0) return; // out of reach whatever the entries say
    // Those with traffic choose first; what no traffic passes takes what is left.
    broken.sort((a, b) => hosts[b - fabric.endpoints]! - hosts[a - fabric.endpoints]! || a - b);
    for (const node of broken) {
      const way = this.#resolve(node, leaf, dst);
      if (!this.#sends(node, dst)) continue;
      if (way === Way.none) this.lostPairs++;
      else this.#carry(node, leaf);
    }
  }

  /** Every switch from which the tables do not lead to the leaf; all of them where there is no leaf. */
  #unjoined(dst: number, leaf: number): number[] {
    const { fabric } = this.#after;
    const list: number[] = [];
    for (let node = fabric.endpoints; node < fabric.nodes; node++) {
      if (fabric.plane[node] !== fabric.plane[dst] || node === leaf) continue;
      if (leaf < 0 || !this.#stands(node, leaf, dst)) list.push(node);
    }
    for (const node of list) this.#way[node - fabric.endpoints] = Way.broken;
    return list;
  }

  /** Switches whose way to the destination led over one of the dead links: back from there along the entries. */
  #behind(dst: number, dead: readonly number[]): number[] {
    const { fabric } = this.#before;
    const { endpoints, linkStart, linkFrom, linkTo, linkReverse, kind } = fabric;
    const list: number[] = [];
    const take = (node: number): void => {
      if (this.#way[node - endpoints] === Way.broken) return;
      this.#way[node - endpoints] = Way.broken;
      list.push(node);
    };
    for (const link of dead) {
      const node = linkFrom[link]!;
      if (kind[node] === NodeKind.switch && entryOf(fabric, this.#routes, node, dst) === link) take(node);
    }
    for (let head = 0; head < list.length; head++) {
      const node = list[head]!;
      for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
        const from = linkTo[l]!;
        if (kind[from] === NodeKind.switch && entryOf(fabric, this.#routes, from, dst) === linkReverse[l])
          take(from);
      }
    }
    return list;
  }

  /** Takes what a leaf sent off the links of its old path, and notes it where it passed. */
  #unload(from: number, dst: number): void {
    const { fabric, hops, hosts } = this.#before;
    const units = hosts[from - fabric.endpoints]!;
    let node = from;
    for (let hop = 0; node !== hops.leafOf[dst] && hop < LONGEST; hop++) {
      this.#through[node - fabric.endpoints]! += units;
      const link = entryOf(fabric, this.#routes, node, dst);
      if (link < 0) break;
      this.load[link]! -= units;
      node = fabric.linkTo[link]!;
    }
  }

  #sends(node: number, dst: number): boolean {
    const { fabric, hosts } = this.#after;
    return hosts[node - fabric.endpoints]! > 0 && fabric.kind[dst] === NodeKind.endpoint;
  }

  /** True when the tables' own path still leads from the switch to the leaf; then its switches are known. */
  #stands(node: number, leaf: number, dst: number, depth = 0): boolean {
    const { fabric } = this.#after;
    const s = node - fabric.endpoints;
    if (this.#way[s]! !== Way.unknown) return this.#way[s]! >= Way.rising;
    const link = depth > LONGEST ? -1 : entryOf(fabric, this.#routes, node, dst);
    if (link < 0) return false;
    const next = fabric.linkTo[link]!;
    if (next !== leaf && !this.#stands(next, leaf, dst, depth + 1)) return false;
    const falls = fabric.linkDirection[link] === -1;
    if (falls && next !== leaf && this.#way[next - fabric.endpoints] !== Way.falling) this.ordered = false;
    this.#settle(s, falls, link);
    return true;
  }

  #settle(s: number, falls: boolean, link: number): void {
    this.#way[s] = falls ? Way.falling : Way.rising;
    this.#link[s] = link;
  }

  /** The way of a switch, its own entry kept where what it leads to has one, or can be given one. */
  #resolve(node: number, leaf: number, dst: number): number {
    const { fabric } = this.#after;
    const s = node - fabric.endpoints;
    if (this.#way[s]! > Way.broken || this.#stands(node, leaf, dst)) return this.#way[s]!;
    this.#way[s] = Way.asking;
    let best = entryOf(fabric, this.#routes, node, dst);
    if (best >= 0 && !this.#leadsOn(best, leaf, dst)) best = -1;
    const old = best;
    const isSource = this.#sends(node, dst);
    if (old < 0 || (this.#policy === 'even' && isSource)) {
      // What passes a switch has been taken off its links; a source by itself brings only its own.
      const units = isSource ? this.#after.hosts[s]! : this.#through[s]!;
      best = this.#emptiest(node, leaf, dst, units, old);
    }
    if (best < 0) {
      this.#way[s] = Way.none;
      return Way.none;
    }
    this.#settle(s, fabric.linkDirection[best] === -1, best);
    const before = this.#named(node, dst);
    if (before !== best) this.changes.push({ node, dst, before, after: best });
    return this.#way[s]!;
  }

  /** The link of the table's entry, dead or alive; -1 where there is no such port. */
  #named(node: number, dst: number): number {
    const { fabric } = this.#after;
    const link =
      fabric.linkStart[node]! + this.#routes.rows[node - fabric.endpoints]![this.#routes.column[dst]!]!;
    return link < fabric.linkStart[node + 1]! ? link : -1;
  }

  /** Of the shortest ways on the one whose fullest link stays emptiest, `kept` among equals; -1 when there is none. */
  #emptiest(node: number, leaf: number, dst: number, units: number, kept: number): number {
    const { hops } = this.#after;
    // A list of its own: the way on from a candidate may have to be chosen first.
    const list = new Int32Array(this.#radix);
    const count = hops.candidates(node, dst, list);
    let best = kept;
    let lowest = kept < 0 ? Infinity : this.#fullest(kept, leaf, units);
    for (let i = 0; i < count; i++) {
      // Another first port for every destination, so that equal ones are used in turn.
      const link = list[(i + dst) % count]!;
      if (link === kept || !this.#leadsOn(link, leaf, dst)) continue;
      const fullest = this.#fullest(link, leaf, units);
      if (fullest >= lowest) continue;
      lowest = fullest;
      best = link;
    }
    return best;
  }

  /** True when the far end has a way on, and none that rises after this link fell. */
  #leadsOn(link: number, leaf: number, dst: number): boolean {
    const { fabric } = this.#after;
    const next = fabric.linkTo[link]!;
    if (next === leaf) return true;
    const way = this.#resolve(next, leaf, dst);
    return way === Way.falling || (way === Way.rising && fabric.linkDirection[link] !== -1);
  }

  /** Seconds on the fullest link of the path that starts with `link`, if so many units came more. */
  #fullest(link: number, leaf: number, units: number): number {
    const { fabric } = this.#after;
    let most = 0;
    for (let l = link; ; l = this.#link[fabric.linkTo[l]! - fabric.endpoints]!) {
      most = Math.max(most, (this.load[l]! + units) / fabric.linkRate[l]!);
      if (fabric.linkTo[l] === leaf) return most;
    }
  }

  /** Loads the path of a leaf with what it sends to the destination. */
  #carry(from: number, leaf: number): void {
    const { fabric, hosts } = this.#after;
    const units = hosts[from - fabric.endpoints]!;
    for (let node = from; node !== leaf; ) {
      const link = this.#link[node - fabric.endpoints]!;
      this.load[link]! += units;
      node = fabric.linkTo[link]!;
    }
  }
}
