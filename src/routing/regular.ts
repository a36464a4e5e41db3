import { entryWeight } from './greedy.ts';
import type { Plane } from './plane.ts';
import { colourEquitably } from './split.ts';
import type { SplitGraph } from './split-graph.ts';
import { pour, type TableState } from './state.ts';

/** A two-layer plane in which every leaf has the same number of equal live cables to every spine. */
export interface RegularPlane {
  /** Local switch of each spine. */
  readonly spines: Int32Array;
  /** Parallel cables of a leaf-spine pair. */
  readonly cables: number;
  /** First up link of (leaf, spine), at leaf * spines + spine; its parallels follow in `upLinks`, `cables` each. */
  readonly upLinks: Int32Array;
  /** Down links of (leaf, spine), in the same layout. */
  readonly downLinks: Int32Array;
}

/** The regular shape of a plane, or null when it has none: detected from the live wiring. O(links). */
export function regularShape(plane: Plane): RegularPlane | null {
  const leaves = plane.leaves.length;
  const wired = plane.leaves.filter((s) => hasUplink(plane, s)).length;
  const spineOf = new Int32Array(plane.switches.length).fill(-1);
  const spines: number[] = [];
  for (let e = 0; e < plane.links; e++) {
    if (plane.rate[e] !== plane.rate[0]) return null;
    if (plane.up[e] !== 1) continue;
    const t = plane.to[e]!;
    if (spineOf[t]! < 0) spineOf[t] = spines.push(t) - 1;
  }
  // Switches without an uplink are spines with an endpoint of their own (a SHARP node): no leaf in this sense.
  const uplinks = wired * spines.length > 0 ? plane.links / 2 / (wired * spines.length) : 0;
  if (uplinks < 1 || !Number.isInteger(uplinks)) return null;
  const leafAt = new Int32Array(plane.switches.length).fill(-1);
  for (let l = 0; l < leaves; l++) leafAt[plane.leaves[l]!] = l;
  const filled = [new Int32Array(leaves * spines.length), new Int32Array(leaves * spines.length)];
  const lists = [
    new Int32Array(leaves * spines.length * uplinks),
    new Int32Array(leaves * spines.length * uplinks),
  ];
  for (let e = 0; e < plane.links; e++) {
    const isUp = plane.up[e] === 1;
    const l = leafAt[isUp ? plane.from[e]! : plane.to[e]!]!;
    const s = spineOf[isUp ? plane.to[e]! : plane.from[e]!]!;
    const side = isUp ? 0 : 1;
    if (l < 0 || s < 0 || filled[side]![l * spines.length + s] === uplinks) return null;
    const pair = l * spines.length + s;
    lists[side]![pair * uplinks + filled[side]![pair]!++] = e;
  }
  return { spines: Int32Array.from(spines), cables: uplinks, upLinks: lists[0]!, downLinks: lists[1]! };
}

function hasUplink(plane: Plane, s: number): boolean {
  for (let e = plane.outStart[s]!; e < plane.outStart[s + 1]!; e++) if (plane.up[e] === 1) return true;
  return false;
}

/**
 * Tables of a regular plane: entries (leaf, destination) coloured by spine with equal counts at every source
 * and destination leaf (split.ts), then the entries of each leaf-spine pair spread over its parallel cables:
 * going up each entry by itself, coming down a destination with all sources that meet at the spine. With one
 * cable a pair and equal weights every link meets the bound for whole destinations. O(E log E + links).
 */
export function regularTables(state: TableState, shape: RegularPlane): void {
  const { plane, slots, switches } = state;
  const leaves = plane.leaves.length;
  const left: number[] = [];
  const slot: number[] = [];
  const weight: number[] = [];
  for (let l = 0; l < leaves; l++) {
    for (let d = 0; d < slots; d++) {
      const w = entryWeight(state, d * switches + plane.leaves[l]!);
      if (w === 0) continue;
      left.push(l);
      slot.push(d);
      weight.push(w);
    }
  }
  const graph: SplitGraph = {
    count: left.length,
    left: Int32Array.from(left),
    lefts: leaves,
    right: Int32Array.from(slot, (d) => state.slotLeaf[d]!),
    rights: leaves,
    inner: Int32Array.from(slot),
    inners: slots,
    weight: Float64Array.from(weight),
  };
  const colour = colourEquitably(graph, shape.spines.length);
  spreadDown(state, shape, graph, colour);
  spreadUp(state, shape, graph, colour);
}

/** At each spine, the destinations of a leaf over its cables; writes the spine entries. */
function spreadDown(state: TableState, shape: RegularPlane, graph: SplitGraph, colour: Int32Array): void {
  const { slots, switches, slotLeaf, choice } = state;
  const spines = shape.spines.length;
  const merged = new Float64Array(spines * slots);
  for (let e = 0; e < graph.count; e++) merged[colour[e]! * slots + graph.inner[e]!]! += graph.weight[e]!;
  const byLeaf: number[][] = Array.from({ length: state.plane.leaves.length }, () => []);
  for (let d = 0; d < slots; d++) byLeaf[slotLeaf[d]!]!.push(d);
  const spread = createSpread(shape.cables, slots);
  for (let s = 0; s < spines; s++) {
    for (let l = 0; l < byLeaf.length; l++) {
      const here = byLeaf[l]!;
      const bins = spread(here.length, (i) => merged[s * slots + here[i]!]!, s + l);
      for (let i = 0; i < here.length; i++) {
        choice[here[i]! * switches + shape.spines[s]!] =
          shape.downLinks[(l * spines + s) * shape.cables + bins[i]!]!;
      }
    }
  }
}

/** At each leaf, the entries of a spine over its cables; writes the leaf entries and pours the demand. */
function spreadUp(state: TableState, shape: RegularPlane, graph: SplitGraph, colour: Int32Array): void {
  const { plane, switches, choice } = state;
  const spines = shape.spines.length;
  const pairs: number[][] = Array.from({ length: plane.leaves.length * spines }, () => []);
  for (let e = 0; e < graph.count; e++) pairs[graph.left[e]! * spines + colour[e]!]!.push(e);
  const spread = createSpread(shape.cables, graph.count);
  for (let pair = 0; pair < pairs.length; pair++) {
    const here = pairs[pair]!;
    const bins = spread(here.length, (i) => graph.weight[here[i]!]!, pair);
    for (let i = 0; i < here.length; i++) {
      const s = plane.leaves[graph.left[here[i]!]!]!;
      const d = graph.inner[here[i]!]!;
      const e = shape.upLinks[pair * shape.cables + bins[i]!]!;
      choice[d * switches + s] = e;
      pour(state, s, d, e, 1, true);
    }
  }
}

/**
 * Heavy first, each to the lightest bin, among equals to the one with fewest items, then in turn (Graham's LPT
 * rule, doi:10.1137/0117039): equal weights come out equal to within one item.
 */
function createSpread(bins: number, capacity: number) {
  const order = new Int32Array(capacity);
  const out = new Int32Array(capacity);
  const load = new Float64Array(bins);
  const items = new Int32Array(bins);
  return (count: number, weight: (i: number) => number, turn: number): Int32Array => {
    if (bins === 1) return out.fill(0, 0, count);
    load.fill(0);
    items.fill(0);
    const list = order.subarray(0, count);
    for (let i = 0; i < count; i++) list[i] = i;
    list.sort((a, b) => weight(b) - weight(a) || a - b);
    for (let i = 0; i < count; i++) {
      let best = turn % bins;
      for (let j = 1; j < bins; j++) {
        const b = (turn + j) % bins;
        if (load[b]! < load[best]! || (load[b] === load[best] && items[b]! < items[best]!)) best = b;
      }
      out[list[i]!] = best;
      load[best]! += weight(list[i]!);
      items[best]!++;
    }
    return out;
  };
}
