import type { Units } from './demand.ts';
import type { Plane } from './plane.ts';

/**
 * What a fractional routing sees of a plane: parallel cables merged into trunks, and demand by (source leaf,
 * destination leaf), since endpoints of one leaf have the same ways. Paths are the shortest up/down ones.
 */
export interface TrunkGraph {
  readonly plane: Plane;
  readonly trunks: number;
  /** Switches at both ends of a trunk, and its bytes per second. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly capacity: Float64Array;
  /** Trunks of the candidate sets of the plane: CSR over set ids. */
  readonly setStart: Int32Array;
  readonly setTrunk: Int32Array;
  /** Bytes from leaf a to leaf b at a * leaves + b. */
  readonly demand: Float64Array;
  /**
   * For destination leaf l the switches that its traffic may pass, every one after all its next hops:
   * order[orderStart[l] .. orderStart[l + 1]), the leaf itself left out.
   */
  readonly orderStart: Int32Array;
  readonly order: Int32Array;
}

/** O(links + units + leaves x links). Demand that has no way is left out. */
export function trunkGraph(plane: Plane, units: Units): TrunkGraph {
  const leaves = plane.leaves.length;
  const trunkOf = new Int32Array(plane.links);
  const from: number[] = [];
  const to: number[] = [];
  const capacity: number[] = [];
  const known = new Int32Array(plane.switches.length);
  for (let s = 0; s < plane.switches.length; s++) {
    known.fill(-1);
    for (let e = plane.outStart[s]!; e < plane.outStart[s + 1]!; e++) {
      const t = plane.to[e]!;
      if (known[t]! < 0) {
        known[t] = from.push(s) - 1;
        to.push(t);
        capacity.push(0);
      }
      trunkOf[e] = known[t]!;
      capacity[known[t]!]! += plane.rate[e]!;
    }
  }
  const { setStart, setTrunk } = trunkSets(plane, trunkOf);
  const demand = new Float64Array(leaves * leaves);
  for (let i = 0; i < units.count; i++) {
    const a = units.leaf[i]!;
    const b = plane.leafOf[units.column[i]!]!;
    if (plane.setOf[b * plane.switches.length + plane.leaves[a]!]! >= 0)
      demand[a * leaves + b]! += units.bytes[i]!;
  }
  const graph = {
    plane,
    trunks: from.length,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    capacity: Float64Array.from(capacity),
    setStart,
    setTrunk,
    demand,
  };
  return { ...graph, ...orders(graph) };
}

function trunkSets(plane: Plane, trunkOf: Int32Array) {
  const sets = plane.setStart.length - 1;
  const setStart = new Int32Array(sets + 1);
  const setTrunk: number[] = [];
  for (let set = 0; set < sets; set++) {
    for (let i = plane.setStart[set]!; i < plane.setStart[set + 1]!; i++) {
      const trunk = trunkOf[plane.setLink[i]!]!;
      if (setTrunk.indexOf(trunk, setStart[set]!) < 0) setTrunk.push(trunk);
    }
    setStart[set + 1] = setTrunk.length;
  }
  return { setStart, setTrunk: Int32Array.from(setTrunk) };
}

/** Depth first from every source with demand: a switch is listed when all its next hops are. */
function orders(graph: Omit<TrunkGraph, 'order' | 'orderStart'>): Pick<TrunkGraph, 'order' | 'orderStart'> {
  const { plane, setStart, setTrunk, to, demand } = graph;
  const leaves = plane.leaves.length;
  const order: number[] = [];
  const orderStart = new Int32Array(leaves + 1);
  const seen = new Int32Array(plane.switches.length).fill(-1);
  const visit = (s: number, l: number): void => {
    seen[s] = l;
    const set = plane.setOf[l * plane.switches.length + s]!;
    for (let i = setStart[set]!; i < setStart[set + 1]!; i++) {
      const next = to[setTrunk[i]!]!;
      if (seen[next] !== l) visit(next, l);
    }
    order.push(s);
  };
  for (let l = 0; l < leaves; l++) {
    seen[plane.leaves[l]!] = l;
    for (let a = 0; a < leaves; a++) {
      if (demand[a * leaves + l]! > 0 && seen[plane.leaves[a]!] !== l) visit(plane.leaves[a]!, l);
    }
    orderStart[l + 1] = order.length;
  }
  return { orderStart, order: Int32Array.from(order) };
}

/**
 * The lower bound that any lengths (not negative, one a trunk) certify on the largest load, in seconds: every
 * byte crosses at least its shortest distance, so sum(demand x distance) <= sum(length x bytes on the trunk)
 * <= load x sum(length x capacity). Fills `flow` (length trunks, when given) with all demand sent the shortest
 * way, split evenly among equals. O(leaves x trunks).
 */
export function certifiedBound(graph: TrunkGraph, length: Float64Array, flow: Float64Array | null): number {
  const { plane, setStart, setTrunk, to, demand, order, orderStart, capacity } = graph;
  const leaves = plane.leaves.length;
  const distance = new Float64Array(plane.switches.length);
  const through = new Float64Array(plane.switches.length);
  flow?.fill(0);
  let weighted = 0;
  for (let l = 0; l < leaves; l++) {
    distance[plane.leaves[l]!] = 0;
    for (let i = orderStart[l]!; i < orderStart[l + 1]!; i++) {
      const s = order[i]!;
      const set = plane.setOf[l * plane.switches.length + s]!;
      let best = Infinity;
      for (let j = setStart[set]!; j < setStart[set + 1]!; j++) {
        const d = length[setTrunk[j]!]! + distance[to[setTrunk[j]!]!]!;
        if (d < best) best = d;
      }
      distance[s] = best;
      through[s] = 0;
    }
    for (let a = 0; a < leaves; a++) {
      const bytes = demand[a * leaves + l]!;
      if (bytes === 0) continue;
      weighted += bytes * distance[plane.leaves[a]!]!;
      through[plane.leaves[a]!] = bytes;
    }
    if (flow !== null) push(graph, l, length, distance, through, flow);
  }
  let total = 0;
  for (let t = 0; t < length.length; t++) total += length[t]! * capacity[t]!;
  return total > 0 ? weighted / total : 0;
}

const TIE = 1.000000000001;

function push(
  graph: TrunkGraph,
  l: number,
  length: Float64Array,
  distance: Float64Array,
  through: Float64Array,
  flow: Float64Array,
): void {
  const { plane, setStart, setTrunk, to, order, orderStart } = graph;
  const leaf = plane.leaves[l]!;
  for (let i = orderStart[l + 1]! - 1; i >= orderStart[l]!; i--) {
    const s = order[i]!;
    if (through[s] === 0) continue;
    const set = plane.setOf[l * plane.switches.length + s]!;
    const limit = distance[s]! * TIE;
    let ways = 0;
    for (let j = setStart[set]!; j < setStart[set + 1]!; j++) {
      if (length[setTrunk[j]!]! + distance[to[setTrunk[j]!]!]! <= limit) ways++;
    }
    const part = through[s]! / ways;
    for (let j = setStart[set]!; j < setStart[set + 1]!; j++) {
      const t = setTrunk[j]!;
      if (length[t]! + distance[to[t]!]! > limit) continue;
      flow[t]! += part;
      if (to[t] !== leaf) through[to[t]!]! += part;
    }
  }
}
