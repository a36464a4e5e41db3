import { type Fabric, NodeKind } from '../fabric/types.ts';
import { type Lists, makeLists } from './lists.ts';
import { type Reach, reachOf } from './reach.ts';
import type { NextHops } from './types.ts';

/**
 * Minimal up/down next hops of a live tree: imported, with cables missing or doubled, with two or three layers and
 * any number of planes. Down sets and up sets are found level by level as bit sets (reach.ts); what is kept
 * is one interned list for each distinct choice.
 *
 * Time O(tiers * links * leaves / 32 + leaves reached below each switch); on an irregular tree also
 * O(switches * leaves). Memory: one integer for each (switch, leaf below it), and one for each (switch, leaf)
 * only where a switch's up-links differ in what they reach.
 */
export function nextHops(fabric: Fabric): NextHops {
  const { leafOf, edge } = attachments(fabric);
  const reach = reachOf(fabric, leafOf);
  return new HopTable(fabric, leafOf, edge, reach, makeLists(fabric, reach));
}

/** Switch of each endpoint and the link from there, -1 where its cable is dead. */
export function attachments(fabric: Fabric): { leafOf: Int32Array; edge: Int32Array } {
  const leafOf = new Int32Array(fabric.endpoints).fill(-1);
  const edge = new Int32Array(fabric.endpoints).fill(-1);
  for (let e = 0; e < fabric.endpoints; e++) {
    for (let l = fabric.linkStart[e]!; l < fabric.linkStart[e + 1]!; l++) {
      if (fabric.linkAlive[l] !== 1 || fabric.kind[fabric.linkTo[l]!] !== NodeKind.switch) continue;
      leafOf[e] = fabric.linkTo[l]!;
      edge[e] = fabric.linkReverse[l]!;
      break;
    }
  }
  return { leafOf, edge };
}

class HopTable implements NextHops {
  readonly leafOf: Int32Array;
  readonly edge: Int32Array;
  readonly pool: Int32Array;
  readonly stride: Float64Array;
  readonly tiers: number;
  readonly #fabric: Fabric;
  readonly #leafIndex: Int32Array;
  readonly #lists: Lists;

  constructor(fabric: Fabric, leafOf: Int32Array, edge: Int32Array, reach: Reach, lists: Lists) {
    this.leafOf = leafOf;
    this.edge = edge;
    this.pool = lists.pool;
    this.tiers = reach.tiers;
    this.stride = strides(fabric, reach.tiers);
    this.#fabric = fabric;
    this.#leafIndex = reach.leafIndex;
    this.#lists = lists;
  }

  list(node: number, leaf: number): number {
    const { endpoints, plane } = this.#fabric;
    if (plane[node] !== plane[leaf]) return 0;
    const lists = this.#lists;
    const s = node - endpoints;
    const offset = this.#leafIndex[leaf - endpoints]! - lists.windowFrom[s]!;
    if (offset >= 0 && offset < lists.windowSize[s]!) {
      const list = lists.cells[lists.cellStart[s]! + offset]!;
      if (list > 0) return list;
    }
    return lists.otherwise[s]!;
  }

  candidates(node: number, dst: number, out: Int32Array): number {
    const leaf = this.leafOf[dst]!;
    if (leaf < 0) return 0;
    if (leaf === node) {
      out[0] = this.edge[dst]!;
      return 1;
    }
    const list = this.list(node, leaf);
    const n = this.pool[list]!;
    for (let i = 0; i < n; i++) out[i] = this.pool[list + 1 + i]!;
    return n;
  }

  switchHops(src: number, dst: number): number {
    const leaf = this.leafOf[dst]!;
    let node = this.leafOf[src]!;
    if (leaf < 0 || node < 0) return 0;
    let hops = 1;
    while (node !== leaf) {
      const list = this.list(node, leaf);
      if (list === 0) return 0;
      node = this.#fabric.linkTo[this.pool[list + 1]!]!;
      hops++;
    }
    return hops;
  }
}

/** Products of the largest up-link counts below each tier, dead cables included so that a failure moves no other route. */
function strides(fabric: Fabric, tiers: number): Float64Array {
  const ways = new Float64Array(fabric.planes * (tiers + 1)).fill(1);
  for (let node = fabric.endpoints; node < fabric.nodes; node++) {
    let ups = 0;
    for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++)
      if (fabric.linkDirection[l] === 1) ups++;
    const at = fabric.plane[node]! * (tiers + 1) + fabric.tier[node]!;
    ways[at] = Math.max(ways[at]!, ups);
  }
  const stride = new Float64Array(ways.length).fill(1);
  for (let p = 0; p < fabric.planes; p++) {
    for (let t = 2; t <= tiers; t++) {
      const at = p * (tiers + 1) + t;
      stride[at] = stride[at - 1]! * ways[at - 1]!;
    }
  }
  return stride;
}
