import { isSwitch } from '../fabric/builder.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { hash4, hashText, mix32 } from '../numeric/random.ts';
import { tableLink } from '../routes/modulo.ts';
import type { EcmpRoutes, NextHops, TableRoutes } from '../routes/types.ts';

/** More links than any up/down path of a tree has, and enough for a valley or two. */
export const LONGEST_PATH = 16;

/** Follows one packet under a policy that gives each one path. */
export interface Walker {
  /** The links between switches of the last walk. */
  readonly path: Int32Array;
  /**
   * Writes the links between switches from `src` to `dst` into `path` and returns how many: 0 under one leaf, -1
   * when there is no path. `key` stands for the header that a hash sees (see flowKeys); tables do not look.
   */
  walk(src: number, dst: number, key: number): number;
}

export function walkerOf(fabric: Fabric, hops: NextHops, routes: TableRoutes | EcmpRoutes): Walker {
  return routes.kind === 'tables'
    ? new TableWalker(fabric, hops, routes)
    : new EcmpWalker(fabric, hops, routes.seed);
}

class TableWalker implements Walker {
  readonly path = new Int32Array(LONGEST_PATH);
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #routes: TableRoutes;

  constructor(fabric: Fabric, hops: NextHops, routes: TableRoutes) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#routes = routes;
  }

  walk(src: number, dst: number): number {
    const { linkTo, linkAlive } = this.#fabric;
    const leaf = this.#hops.leafOf[dst]!;
    let node = this.#hops.leafOf[src]!;
    if (node < 0 || leaf < 0) return -1;
    let length = 0;
    while (node !== leaf) {
      if (length === LONGEST_PATH) return -1;
      const link = tableLink(this.#fabric, this.#routes, this.#hops, node, dst);
      if (link < 0 || linkAlive[link] !== 1 || !isSwitch(this.#fabric, linkTo[link]!)) return -1;
      this.path[length++] = link;
      node = linkTo[link]!;
    }
    return length;
  }
}

/**
 * A switch mixes the header with a salt of its tier and direction and takes that share of its candidates. Without
 * the salt every tier would draw the same lot and use a fraction of its links (polarisation).
 */
class EcmpWalker implements Walker {
  readonly path = new Int32Array(LONGEST_PATH);
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #salt: Int32Array;

  constructor(fabric: Fabric, hops: NextHops, seed: number) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#salt = ecmpSalts(seed, hops.tiers);
  }

  walk(src: number, dst: number, key: number): number {
    const { linkTo, linkDirection, tier } = this.#fabric;
    const { pool } = this.#hops;
    const leaf = this.#hops.leafOf[dst]!;
    let node = this.#hops.leafOf[src]!;
    if (node < 0 || leaf < 0) return -1;
    let length = 0;
    while (node !== leaf) {
      const list = this.#hops.list(node, leaf);
      const n = pool[list]!;
      if (n === 0) return -1;
      let link = pool[list + 1]!;
      if (n > 1) {
        const salt = this.#salt[2 * tier[node]! + (linkDirection[link] === 1 ? 0 : 1)]!;
        link = pool[list + 1 + share(key, salt, n)]!;
      }
      this.path[length++] = link;
      node = linkTo[link]!;
    }
    return length;
  }
}

const SCALE = 1 / 4294967296;

/** Which of n choices a header takes: a full mix of key and salt, scaled down (no modulo bias to speak of). */
export function share(key: number, salt: number, n: number): number {
  return scaled(mixed(key ^ salt), n);
}

/** As mix32, but signed; written out because it runs for every hop of every flow. */
export function mixed(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Which of n choices 32 mixed bits take. */
export function scaled(bits: number, n: number): number {
  return ((bits >>> 0) * n * SCALE) | 0;
}

/** By 2 * tier + (1 when going down). */
export function ecmpSalts(seed: number, tiers: number): Int32Array {
  const salt = new Int32Array(2 * (tiers + 1));
  for (let i = 0; i < salt.length; i++) salt[i] = hash4(seed, i, 0x5a17, 0);
  return salt;
}

/** What tells the connections of one pair apart in the hash: each operation's communicator, and each queue pair of it. */
export function lotOf(operation: string, queuePair: number): number {
  return hash4(hashText(operation), queuePair, 0, 0);
}

/** The part of the hash that does not change with the seed, the tier or the connection. `srcMix` is mix32(src). */
export function pairKey(srcMix: number, dst: number): number {
  return mix32(srcMix ^ Math.imul(dst, 0x85ebca77));
}

/** The part of the hash that does not change with the seed or the tier. */
export function flowKey(srcMix: number, dst: number, lot: number): number {
  return (pairKey(srcMix, dst) ^ lot) >>> 0;
}

/** lotOf each operation and queue pair, at operation * queuePairs + pair. */
export function lotsOf(operations: readonly string[], queuePairs: number): Uint32Array {
  return Uint32Array.from({ length: operations.length * queuePairs }, (_, i) =>
    lotOf(operations[Math.floor(i / queuePairs)]!, i % queuePairs),
  );
}

/** The key of a flow's queue pair; 0 under routes that do not look at it. */
export type FlowKeys = (flow: number, queuePair: number) => number;

export function flowKeys(flows: Flows, routes: TableRoutes | EcmpRoutes): FlowKeys {
  if (routes.kind === 'tables') return () => 0;
  const { src, dst, operation } = flows;
  const { queuePairs } = routes;
  const lots = lotsOf(flows.operations, queuePairs);
  return (f, q) => flowKey(mix32(src[f]!), dst[f]!, lots[operation[f]! * queuePairs + q]!);
}
