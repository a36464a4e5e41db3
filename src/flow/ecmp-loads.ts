import type { Fabric, Flows } from '../fabric/types.ts';
import { mix32 } from '../numeric/random.ts';
import type { NextHops } from '../routes/types.ts';
import { type LeafWays, LeafWaysBuilder } from './leaf-ways.ts';
import { type FlowRuns, flowRuns } from './runs.ts';
import type { LoadTotals, OrderedFlows } from './types.ts';
import { ecmpSalts, lotsOf, mixed, pairKey, scaled, share } from './walk.ts';

/** Ways between two leaves are laid out where they are drawn among so many times for each way to the top: there it pays. */
const DRAWS_A_WAY = 0.5;
/** No more ways are laid out once they have so many edges: some 100 MB. */
const MOST_EDGES = 4_194_304;

/**
 * Loads under ECMP, the same flows again and again with other seeds. Where sums of their bytes are exact (so that no order
 * of adding can be told from another), flows are sorted: those of one operation between two leaves that are alike draw
 * among the same few ways, which are laid out once, and what was drawn how often says what a link gets.
 * O(flows * queue pairs * choices) a seed.
 */
export class EcmpLoads {
  readonly queuePairs: number;
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #flows: Flows;
  readonly #runs: FlowRuns;
  /** By flow of the runs: the part of its hash that is the pair's. */
  readonly #key: Int32Array;
  readonly #lots: Uint32Array;
  /** By run: number in #ways, or -1 where flows are walked one by one. */
  readonly #waysOf: Int32Array;
  readonly #ways: LeafWays;
  /** By edge of the ways: how often it was drawn. */
  readonly #drawn: Int32Array;

  constructor(ordered: OrderedFlows, queuePairs: number) {
    const { fabric, hops, flows, leaving } = ordered;
    this.queuePairs = queuePairs;
    this.#fabric = fabric;
    this.#hops = hops;
    this.#flows = flows;
    const exact = sumsAreExact(flows, leaving.flow, queuePairs);
    this.#runs = flowRuns(ordered, exact);
    this.#key = this.#runs.flow.map((f) => pairKey(mix32(flows.src[f]!), flows.dst[f]!));
    this.#lots = lotsOf(flows.operations, queuePairs);
    const ways = new LeafWaysBuilder(fabric, hops);
    this.#waysOf = exact ? this.#layOut(ways) : new Int32Array(this.#runs.source.length).fill(-1);
    this.#ways = ways.build();
    this.#drawn = new Int32Array(this.#ways.next.length);
  }

  #layOut(ways: LeafWaysBuilder): Int32Array {
    const { source, leaf, start } = this.#runs;
    const known = new Map<number, number>();
    return source.map((from, r) => {
      const to = leaf[r]!;
      if (from < 0 || to < 0) return -1;
      const key = from * this.#fabric.nodes + to;
      const found = known.get(key);
      if (found !== undefined) return found;
      const draws = (start[r + 1]! - start[r]!) * this.queuePairs;
      if (ways.edges > MOST_EDGES || draws < DRAWS_A_WAY * this.#countWays(from, to)) return -1;
      const added = ways.add(from, to);
      known.set(key, added);
      return added;
    });
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
    const { operationStart } = this.#runs;
    for (let r = operationStart[first]!; r < operationStart[end]!; r++) {
      if (this.#waysOf[r]! < 0) this.#walk(r, salts, without, sums);
      else this.#gather(r, salts, without, sums);
    }
  }

  #gather(run: number, salts: Int32Array, without: Uint8Array | null, sums: LoadTotals): void {
    const { bytes, invocations, operation } = this.#flows;
    const { flow, start } = this.#runs;
    const { from, links } = this.#ways;
    const q = this.queuePairs;
    const one = flow[start[run]!]!;
    const first = this.#ways.start[this.#waysOf[run]!]!;
    for (let i = start[run]!; i < start[run + 1]!; i++) {
      if (without !== null && without[flow[i]!] === 1) continue;
      this.#draw(first, this.#key[i]!, operation[one]! * q, salts);
    }
    const step = bytes[one]! / q;
    const once = step / invocations[one]!;
    const end = this.#ways.start[this.#waysOf[run]! + 1]!;
    for (let e = first; e < end; e++) {
      const n = this.#drawn[e]!;
      if (n === 0) continue;
      this.#drawn[e] = 0;
      for (let i = from[e]!; i < from[e + 1]!; i++) sums.add(links[i]!, n * step, n * once);
    }
  }

  /** Draws a flow's ways. What holds for all of them at the first state is looked up once: nearly half of the time. */
  #draw(first: number, flow: number, lot: number, salts: Int32Array): void {
    const { states, next } = this.#ways;
    const drawn = this.#drawn;
    const lots = this.#lots;
    const end = lot + this.queuePairs;
    drawn[first]! += this.queuePairs;
    const entry = next[first]!;
    if (entry < 0) return;
    const n = states[entry]!;
    const edges = states[entry + 1]!;
    const salt = salts[states[entry + 2]!]!;
    const shift = states[entry + 3]!;
    for (let k = lot; k < end; k++) {
      const key = flow ^ lots[k]!;
      const bits = mixed(key ^ salt);
      let edge = edges + (shift > 0 ? bits >>> shift : scaled(bits, n));
      drawn[edge]!++;
      for (let s = next[edge]!; s >= 0; s = next[edge]!) {
        const more = mixed(key ^ salts[states[s + 2]!]!);
        const by = states[s + 3]!;
        edge = states[s + 1]! + (by > 0 ? more >>> by : scaled(more, states[s]!));
        drawn[edge]!++;
      }
    }
  }

  /** Every flow's every queue pair from switch to switch. */
  #walk(run: number, salts: Int32Array, without: Uint8Array | null, sums: LoadTotals): void {
    const { src, dst, bytes, invocations, operation } = this.#flows;
    const { linkTo, linkDirection, tier } = this.#fabric;
    const { pool } = this.#hops;
    const { flow, start } = this.#runs;
    const source = this.#runs.source[run]!;
    const leaf = this.#runs.leaf[run]!;
    const first = source < 0 || leaf < 0 ? 0 : this.#hops.list(source, leaf);
    const q = this.queuePairs;
    const lot = operation[flow[start[run]!]!]! * q;
    for (let i = start[run]!; i < start[run + 1]!; i++) {
      const f = flow[i]!;
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
