import { placeEntry } from './greedy.ts';
import type { Plane } from './plane.ts';
import { candidateSet, idle, pour, settle, type TableState } from './state.ts';

/**
 * Destination-modulo by switch, not by live port: column c goes up to the parent of number floor(c / stride) mod
 * parents, numbered over the whole tree, so that a missing cable moves no entry but its own; entries whose
 * parent is out of reach take the least loaded path. Neighbouring destinations keep to different spines, which
 * is what makes shifts run free of conflicts (E. Zahavi, D-Mod-K, CCIT report 776, Technion, 2010).
 * O(units x layers + re-homed units x ports).
 */
export function nominalTables(state: TableState): void {
  const { plane, slots, switches, choice } = state;
  const numbering = numberParents(plane);
  const left: number[] = [];
  for (let d = 0; d < slots; d++) {
    const leaf = plane.leaves[state.slotLeaf[d]!]!;
    for (const s of plane.leaves) {
      if (idle(state, s, d)) continue;
      const first = nominalLink(state, numbering, s, d);
      if (first < 0) {
        left.push(s, d);
        continue;
      }
      choice[d * switches + s] = first;
      for (let t = plane.to[first]!; t !== leaf; t = plane.to[choice[d * switches + t]!]!) {
        if (choice[d * switches + t]! < 0) choice[d * switches + t] = nominalLink(state, numbering, t, d);
        if (choice[d * switches + t]! < 0) settle(state, t, d, s, false, 0);
      }
      pour(state, s, d, first, 1, true);
    }
  }
  for (let i = 0; i < left.length; i += 2) placeEntry(state, left[i]!, left[i + 1]!, i >> 1, 0);
}

interface Numbering {
  /** Parents of switch s, whichever of its siblings they are cabled to: parent[start[group[s]] ..], -1 for none. */
  readonly group: Int32Array;
  readonly start: Int32Array;
  readonly parent: Int32Array;
  /** Products of the parents below each tier. */
  readonly stride: Float64Array;
  readonly tier: Uint8Array;
}

/** The link for slot d at switch s: the wanted parent's cable, or the cable down; -1 when the parent is out of reach. */
function nominalLink(state: TableState, numbering: Numbering, s: number, d: number): number {
  const { plane } = state;
  const set = candidateSet(state, s, d);
  if (set < 0) return -1;
  const begin = plane.setStart[set]!;
  const end = plane.setStart[set + 1]!;
  const lot = Math.floor(state.slotColumn[d]! / numbering.stride[numbering.tier[s]!]!);
  if (plane.up[plane.setLink[begin]!] === 0) return plane.setLink[begin + (lot % (end - begin))]!;
  const { group, start, parent } = numbering;
  const from = start[group[s]!]!;
  const parents = start[group[s]! + 1]! - from;
  const wanted = parent[from + (lot % parents)]!;
  let cables = 0;
  for (let i = begin; i < end; i++) if (plane.to[plane.setLink[i]!] === wanted) cables++;
  if (cables === 0) return -1;
  let skip = Math.floor(lot / parents) % cables;
  for (let i = begin; i < end; i++)
    if (plane.to[plane.setLink[i]!] === wanted && skip-- === 0) return plane.setLink[i]!;
  return -1;
}

/** Siblings are switches joined through parents: a pod's leaves, or the spines of one number in all pods. O(links). */
function numberParents(plane: Plane): Numbering {
  const count = plane.switches.length;
  const tier = Uint8Array.from(plane.switches, (n) => plane.fabric.tier[n]!);
  const group = new Int32Array(count).fill(-1);
  const start = [0];
  const parent: number[] = [];
  const stride = new Float64Array(tier.reduce((most, t) => Math.max(most, t), 0) + 2).fill(1);
  const most = new Float64Array(stride.length).fill(1);
  for (let s = 0; s < count; s++) {
    if (group[s]! >= 0) continue;
    const parents = joined(plane, s, group, start.length - 1).sort((a, b) => a - b);
    parent.push(...parents);
    start.push(parent.length);
    most[tier[s]!] = Math.max(most[tier[s]!]!, parents.length);
  }
  for (let t = 1; t < stride.length; t++) stride[t] = stride[t - 1]! * (t > 1 ? most[t - 1]! : 1);
  return { group, start: Int32Array.from(start), parent: Int32Array.from(parent), stride, tier };
}

/** Marks the siblings of s with the group's number and returns their parents. */
function joined(plane: Plane, s: number, group: Int32Array, number: number): number[] {
  const parents = new Set<number>();
  const stack = [s];
  group[s] = number;
  while (stack.length > 0) {
    const x = stack.pop()!;
    for (let e = plane.outStart[x]!; e < plane.outStart[x + 1]!; e++) {
      const up = plane.to[e]!;
      if (plane.up[e] === 0 || parents.has(up)) continue;
      parents.add(up);
      for (let i = plane.inStart[up]!; i < plane.inStart[up + 1]!; i++) {
        const sibling = plane.from[plane.inLink[i]!]!;
        if (plane.up[plane.inLink[i]!] === 0 || group[sibling]! >= 0) continue;
        group[sibling] = number;
        stack.push(sibling);
      }
    }
  }
  return [...parents];
}
