import { isCutOff, isSwitch } from '../fabric/builder.ts';
import type { Fabric } from '../fabric/types.ts';
import { ChannelGraph } from './channels.ts';
import { attachedTo } from './columns.ts';
import { tableLink } from './modulo.ts';
import { type AllLids, type NextHops, NO_ENTRY, type RouteFault, type TableRoutes } from './types.ts';

const EXAMPLES = 10;

/**
 * Follows, from every leaf with endpoints, the tables to every LID of every endpoint (`byOffset`, one a LID offset) and
 * to every switch (`switchRows`, link ordinals by switch as formats/opensm-lft-read.ts has them), and joins all
 * dependencies in one channel dependency graph. Switches without a live cable are in no pair. O(leaves * (LIDs + switches) * hops).
 */
export function followAllLids(
  fabric: Fabric,
  hops: NextHops,
  byOffset: readonly TableRoutes[],
  switchRows: readonly Uint16Array[],
): AllLids {
  const { endpoints, nodes, plane, linkStart } = fabric;
  const { leaves, planeStart } = attachedTo(fabric, hops);
  const walk = new Walk(fabric, new ChannelGraph(fabric));
  const sources = (node: number): Int32Array =>
    leaves.subarray(planeStart[plane[node]!]!, planeStart[plane[node]! + 1]!);
  for (const tables of byOffset) {
    for (let dst = 0; dst < endpoints; dst++) {
      if (hops.leafOf[dst]! < 0) continue;
      walk.begin(dst, (node) => tableLink(fabric, tables, hops, node, dst));
      for (const leaf of sources(dst)) walk.from(leaf);
    }
  }
  let pairs = 0;
  let unreachable = 0;
  const examples: RouteFault[] = [];
  for (let to = endpoints; to < nodes; to++) {
    if (isCutOff(fabric, to)) continue;
    walk.begin(to, (node) => {
      const entry = switchRows[node - endpoints]![to - endpoints]!;
      return entry === NO_ENTRY ? -1 : linkStart[node]! + entry;
    });
    for (const leaf of sources(to)) {
      if (leaf === to) continue;
      pairs++;
      const stop = walk.from(leaf);
      if (stop < 0) continue;
      unreachable++;
      const { names } = fabric;
      const kind = walk.why;
      if (examples.length < EXAMPLES)
        examples.push({ kind, from: names[leaf]!, to: names[to]!, at: names[stop]! });
    }
  }
  return { switchPairs: pairs, unreachableSwitchPairs: unreachable, examples, cycle: walk.graph.findCycle() };
}

const GOOD = 1;
const BAD = 2;

/** Walks towards one destination at a time; a switch judged before is not walked again. */
class Walk {
  readonly graph: ChannelGraph;
  /** Why the last walk that failed did. */
  why: RouteFault['kind'] = 'no entry';
  readonly #fabric: Fabric;
  /** By node: GOOD or BAD for the destination with this stamp. */
  readonly #verdict: Uint8Array;
  readonly #stamp: Int32Array;
  readonly #trail: Int32Array;
  /** By node judged BAD. */
  readonly #reason: RouteFault['kind'][] = [];
  #round = 0;
  #target = -1;
  #next: (node: number) => number = () => -1;

  constructor(fabric: Fabric, graph: ChannelGraph) {
    this.graph = graph;
    this.#fabric = fabric;
    this.#verdict = new Uint8Array(fabric.nodes);
    this.#stamp = new Int32Array(fabric.nodes);
    this.#trail = new Int32Array(fabric.nodes);
  }

  begin(target: number, next: (node: number) => number): void {
    this.#round++;
    this.#target = target;
    this.#next = next;
  }

  /** -1 when the walk arrives, else the node at which it ends; `why` says how. */
  from(source: number): number {
    const { linkTo, linkAlive, linkStart } = this.#fabric;
    let node = source;
    let into = -1;
    let length = 0;
    let verdict = GOOD;
    while (node !== this.#target) {
      const link = this.#next(node);
      const wrong = link < 0 || link >= linkStart[node + 1]! || linkAlive[link] !== 1;
      if (!wrong && into >= 0) this.graph.add(into, link);
      if (this.#stamp[node] === this.#round) {
        // Still unjudged: it is on this very trail, and the walk has come round.
        this.why = this.#verdict[node] === 0 ? 'loop' : (this.#reason[node] ?? 'no entry');
        verdict = this.#verdict[node] === GOOD ? GOOD : BAD;
        break;
      }
      this.#stamp[node] = this.#round;
      this.#verdict[node] = 0;
      this.#trail[length++] = node;
      const strays = !wrong && linkTo[link] !== this.#target && !isSwitch(this.#fabric, linkTo[link]!);
      if (wrong || strays) {
        this.why = strays ? 'wrong endpoint' : link < 0 ? 'no entry' : 'dead link';
        verdict = BAD;
        break;
      }
      into = link;
      node = linkTo[link]!;
    }
    for (let i = 0; i < length; i++) {
      this.#verdict[this.#trail[i]!] = verdict;
      if (verdict === BAD) this.#reason[this.#trail[i]!] = this.why;
    }
    return verdict === GOOD ? -1 : node;
  }
}
