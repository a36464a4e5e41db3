import type { Fabric, Flows } from '../fabric/types.ts';
import { mix32 } from '../numeric/random.ts';
import type { NextHops } from '../routes/types.ts';
import { LeafWays } from './leaf-ways.ts';
import type { LeavingFlows, LoadTotals } from './types.ts';
import { countingSort } from './units.ts';
import { ecmpSalts, lotsOf, pairKey, share } from './walk.ts';

/** Ways between two leaves are laid out where they are drawn among so many times for each way to the top: there it pays. */
const DRAWS_A_WAY = 0.5;

/**
 * Loads under ECMP, the same flows again and again with other seeds. Where sums of their bytes are exact (so that no order
 * of adding can be told from another), flows are sorted by their leaves: those of one operation between two leaves
 * draw among the same few ways, which are laid out once, and a link gets what they put on it in one sum.
 * O(flows * queue pairs * choices) a seed.
 */
export class EcmpLoads {
  readonly queuePairs: number;
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #flows: Flows;
  /** Leaving flows in the order in which they are added, and the part of their hash that is the pair's. */
  readonly #flow: Int32Array;
  readonly #key: Uint32Array;
  readonly #lots: Uint32Array;
  /** Runs of neighbours in #flow of one operation between the same leaves; length runs + 1. */
  readonly #runStart: Int32Array;
  /** By run: number in #ways, or -1 where flows are walked one by one. */
  readonly #waysOf: Int32Array;
  readonly #ways: LeafWays;
  /** First run of each operation, and one more. */
  readonly #operationStart: Int32Array;
  /** Bytes by edge of the ways at hand. */
  readonly #step: Float64Array;
  readonly #once: Float64Array;

  constructor(fabric: Fabric, hops: NextHops, flows: Flows, leaving: LeavingFlows, queuePairs: number) {
    this.queuePairs = queuePairs;
    this.#fabric = fabric;
    this.#hops = hops;
    this.#flows = flows;
    const exact = sumsAreExact(flows, leaving.flow, queuePairs);
    this.#flow = exact ? byLeaves(fabric, hops, flows, leaving.flow) : leaving.flow;
    this.#key = Uint32Array.from(this.#flow, (f) => pairKey(mix32(flows.src[f]!), flows.dst[f]!));
    this.#lots = lotsOf(flows.operations, queuePairs);
    this.#runStart = this.#findRuns();
    this.#operationStart = this.#findOperations();
    this.#ways = new LeafWays(fabric, hops);
    this.#waysOf = exact ? this.#layOut() : new Int32Array(this.#runStart.length - 1).fill(-1);
    this.#step = new Float64Array(this.#ways.most);
    this.#once = new Float64Array(this.#ways.most);
  }

  #findRuns(): Int32Array {
    const { operation, src, dst } = this.#flows;
    const { leafOf } = this.#hops;
    const n = this.#flow.length;
    const start = new Int32Array(n + 1);
    let runs = 0;
    for (let i = 0; i < n; i++) {
      const f = this.#flow[i]!;
      const g = i === 0 ? -1 : this.#flow[i - 1]!;
      if (
        g < 0 ||
        operation[f] !== operation[g] ||
        leafOf[src[f]!] !== leafOf[src[g]!] ||
        leafOf[dst[f]!] !== leafOf[dst[g]!]
      )
        start[runs++] = i;
    }
    start[runs] = n;
    return start.slice(0, runs + 1);
  }

  #findOperations(): Int32Array {
    const { operations, operation } = this.#flows;
    const start = new Int32Array(operations.length + 1);
    for (let r = 0; r + 1 < this.#runStart.length; r++)
      start[operation[this.#flow[this.#runStart[r]!]!]! + 1] = r + 1;
    for (let o = 0; o < operations.length; o++) start[o + 1] = Math.max(start[o]!, start[o + 1]!);
    return start;
  }

  #layOut(): Int32Array {
    const { nodes } = this.#fabric;
    const { leafOf } = this.#hops;
    const known = new Map<number, number>();
    const waysOf = new Int32Array(this.#runStart.length - 1).fill(-1);
    for (let r = 0; r < waysOf.length; r++) {
      const f = this.#flow[this.#runStart[r]!]!;
      const source = leafOf[this.#flows.src[f]!]!;
      const leaf = leafOf[this.#flows.dst[f]!]!;
      if (source < 0 || leaf < 0) continue;
      const key = source * nodes + leaf;
      const found = known.get(key);
      const draws = (this.#runStart[r + 1]! - this.#runStart[r]!) * this.queuePairs;
      if (found !== undefined) waysOf[r] = found;
      else if (draws >= DRAWS_A_WAY * this.#countWays(source, leaf)) {
        waysOf[r] = this.#ways.add(source, leaf);
        known.set(key, waysOf[r]!);
      }
    }
    return waysOf;
  }

  /** Ways from the source to the top, as if every choice led to as many as the first; Infinity where there is none. */
  #countWays(source: number, leaf: number): number {
    const { pool } = this.#hops;
    const { linkTo, linkDirection } = this.#fabric;
    let ways = 1;
    for (let node = source; node !== leaf; ) {
      const list = this.#hops.list(node, leaf);
      if (list === 0) return Number.POSITIVE_INFINITY;
      const link = pool[list + 1]!;
      if (linkDirection[link] === 1) ways *= pool[list]!;
      node = linkTo[link]!;
    }
    return ways;
  }

  /** Adds the flows of operations from `first` to before `end`, but for those that `without` (by flow) marks. */
  add(seed: number, first: number, end: number, without: Uint8Array | null, sums: LoadTotals): void {
    const salts = ecmpSalts(seed, this.#hops.tiers);
    for (let r = this.#operationStart[first]!; r < this.#operationStart[end]!; r++) {
      if (this.#waysOf[r]! < 0) this.#walk(r, salts, without, sums);
      else this.#gather(r, salts, without, sums);
    }
  }

  #gather(run: number, salts: Int32Array, without: Uint8Array | null, sums: LoadTotals): void {
    const { bytes, invocations, operation } = this.#flows;
    const { choices, firstEdge, salt, next, start, from, to, links } = this.#ways;
    const flow = this.#flow;
    const keys = this.#key;
    const lots = this.#lots;
    const steps = this.#step;
    const onces = this.#once;
    const base = start[this.#waysOf[run]!]!;
    const edges = start[this.#waysOf[run]! + 1]! - base;
    const entry = next[base]!;
    const q = this.queuePairs;
    const lot = operation[flow[this.#runStart[run]!]!]! * q;
    for (let i = this.#runStart[run]!; i < this.#runStart[run + 1]!; i++) {
      const f = flow[i]!;
      if (without !== null && without[f] === 1) continue;
      const step = bytes[f]! / q;
      const once = step / invocations[f]!;
      steps[0]! += bytes[f]!;
      onces[0]! += bytes[f]! / invocations[f]!;
      for (let k = lot; k < lot + q; k++) {
        const key = keys[i]! ^ lots[k]!;
        for (let s = entry; s >= 0; ) {
          const edge = firstEdge[s]! + share(key, salts[salt[s]!]!, choices[s]!);
          steps[edge]! += step;
          onces[edge]! += once;
          s = next[base + edge]!;
        }
      }
    }
    for (let e = 0; e < edges; e++) {
      const step = steps[e]!;
      if (step === 0) continue;
      const once = onces[e]!;
      for (let i = from[base + e]!; i < to[base + e]!; i++) sums.add(links[i]!, step, once);
      steps[e] = 0;
      onces[e] = 0;
    }
  }

  /** Every flow's every queue pair from switch to switch. */
  #walk(run: number, salts: Int32Array, without: Uint8Array | null, sums: LoadTotals): void {
    const { src, dst, bytes, invocations, operation } = this.#flows;
    const { linkTo, linkDirection, tier } = this.#fabric;
    const { leafOf, pool } = this.#hops;
    const q = this.queuePairs;
    const one = this.#flow[this.#runStart[run]!]!;
    const source = leafOf[src[one]!]!;
    const leaf = leafOf[dst[one]!]!;
    const first = source < 0 || leaf < 0 ? 0 : this.#hops.list(source, leaf);
    const lot = operation[one]! * q;
    for (let i = this.#runStart[run]!; i < this.#runStart[run + 1]!; i++) {
      const f = this.#flow[i]!;
      if (src[f] === dst[f] || (without !== null && without[f] === 1)) continue;
      const step = bytes[f]! / q;
      const once = step / invocations[f]!;
      for (let k = 0; k < q; k++) {
        if (first === 0) {
          sums.unrouted.flows += 1 / q;
          sums.unrouted.bytes += step;
          continue;
        }
        const key = this.#key[i]! ^ this.#lots[lot + k]!;
        let list = first;
        for (let node = source; ; list = this.#hops.list(node, leaf)) {
          const n = pool[list]!;
          let link = pool[list + 1]!;
          if (n > 1) {
            const salt = salts[2 * tier[node]! + (linkDirection[link] === 1 ? 0 : 1)]!;
            link = pool[list + 1 + share(key, salt, n)]!;
          }
          sums.add(link, step, once);
          node = linkTo[link]!;
          if (node === leaf) break;
        }
      }
    }
  }
}

/** Flows by operation, then by the leaf they leave, then by the leaf they go to. O(flows + nodes). */
function byLeaves(fabric: Fabric, hops: NextHops, flows: Flows, flow: Int32Array): Int32Array {
  const { leafOf } = hops;
  // A flow without a leaf comes first.
  const byLeaf = countingSort(flow, (f) => leafOf[flows.dst[f]!]! + 1, fabric.nodes + 1);
  const byBoth = countingSort(byLeaf, (f) => leafOf[flows.src[f]!]! + 1, fabric.nodes + 1);
  return countingSort(byBoth, (f) => flows.operation[f]!, flows.operations.length);
}

/** Multiples of a unit whose sum is below this many units add up without rounding, in any order. */
const EXACT = 0x10_0000_0000_0000;
/** Units are not made smaller than one over this. */
const FINEST = 0x10_0000;

/** True when all sums of what flows put on links, of a step or of one invocation, are exact. O(flows). */
function sumsAreExact({ bytes, invocations }: Flows, flow: Int32Array, queuePairs: number): boolean {
  let total = 0;
  for (let i = 0; i < flow.length; i++) total += bytes[flow[i]!]!;
  if (!(total < EXACT)) return false;
  let scale = 1;
  while (scale < FINEST && 2 * scale * total < EXACT) scale *= 2;
  for (let i = 0; i < flow.length; i++) {
    const step = (bytes[flow[i]!]! / queuePairs) * scale;
    const once = (bytes[flow[i]!]! / queuePairs / invocations[flow[i]!]!) * scale;
    if (step !== Math.floor(step) || once !== Math.floor(once)) return false;
  }
  return true;
}
