import { isUniform, type Units } from './demand.ts';
import type { Plane } from './plane.ts';

/** Lower bounds of one pattern on one plane, in seconds (bytes over bytes per second). */
export interface CutBounds {
  /** Bytes over the summed rate of the links out of, or into, a leaf (or a pod): no routing does better. */
  readonly fractional: number;
  /** The same cuts when each (leaf, destination) entry takes one link whole. At least `fractional`. */
  readonly whole: number;
}

/**
 * Cut bounds: every byte that leaves a part of the tree below some tier crosses the links up from it, and every
 * byte for it the links down into it. Parts: each leaf; with three layers each pod besides. Exact for the
 * fractional optimum on regular two-layer planes, where an equal split reaches the worst leaf's cut.
 *
 * For whole destinations a cut is a makespan: entries of given bytes on so many links. With entries in
 * falling order and u links, some link takes j + 1 of the first j u + 1, hence at least the j + 1 lightest of those
 * (j = 0: the largest; all equal: the count rounded up). Links of unequal rate all count as the fastest there.
 * A lower bound only: where sources merge above a leaf (see also mergeBound), or a link is missing, the true
 * optimum can be higher.
 * O(units log units).
 */
export function cutBounds(plane: Plane, units: Units): CutBounds {
  let fractional = 0;
  let whole = 0;
  const top = Math.max(0, ...Array.from(plane.switches, (n) => plane.fabric.tier[n]!));
  for (let tier = 1; tier < top; tier++) {
    const part = partsBelow(plane, tier);
    for (const direction of [1, 0]) {
      const cut = capacities(plane, part, direction);
      const items = itemsOf(plane, units, part, direction);
      for (let k = 0; k < cut.links.length; k++) {
        if (cut.links[k] === 0) continue;
        const here = items.bytes.subarray(items.start[k]!, items.start[k + 1]!);
        let total = 0;
        for (let i = 0; i < here.length; i++) total += here[i]!;
        fractional = Math.max(fractional, total / cut.rate[k]!);
        whole = Math.max(whole, makespanBound(here, cut.links[k]!) / cut.fastest[k]!);
      }
    }
  }
  return { fractional, whole: Math.max(whole, fractional, mergeBound(plane, units)) };
}

/**
 * Each parent of a leaf has one entry for a destination below it, whatever its parallel cables: the entries towards
 * one destination share as many links as the leaf has parents, and where there is one parent, destinations take
 * its cables whole. Zero on leaves with single cables only, where the cut says more. O(units log units).
 */
function mergeBound(plane: Plane, units: Units): number {
  const downs = Array.from(plane.leaves, (s) => downLinks(plane, s));
  if (downs.every((d) => d.parents === d.links)) return 0;
  const start = new Int32Array(plane.endpoints.length + 1);
  for (let i = 0; i < units.count; i++) start[units.column[i]! + 1]!++;
  for (let c = 0; c < plane.endpoints.length; c++) start[c + 1]! += start[c]!;
  const next = start.slice();
  const bytes = new Float64Array(units.count);
  for (let i = 0; i < units.count; i++) bytes[next[units.column[i]!]!++] = units.bytes[i]!;
  const merged: number[][] = downs.map(() => []);
  let bound = 0;
  for (let c = 0; c < plane.endpoints.length; c++) {
    const l = plane.leafOf[c]!;
    const items = bytes.subarray(start[c]!, start[c + 1]!);
    if (l < 0 || items.length === 0 || downs[l]!.parents === downs[l]!.links) continue;
    bound = Math.max(bound, makespanBound(items, downs[l]!.parents) / downs[l]!.fastest);
    if (downs[l]!.parents === 1) merged[l]!.push(items.reduce((sum, x) => sum + x, 0));
  }
  for (let l = 0; l < downs.length; l++) {
    if (merged[l]!.length === 0) continue;
    bound = Math.max(
      bound,
      makespanBound(Float64Array.from(merged[l]!), downs[l]!.links) / downs[l]!.fastest,
    );
  }
  return bound;
}

/** Links down into switch s, how many switches they come from, and the fastest of them. */
function downLinks(plane: Plane, s: number): { links: number; parents: number; fastest: number } {
  const parents = new Set<number>();
  let links = 0;
  let fastest = 0;
  for (let i = plane.inStart[s]!; i < plane.inStart[s + 1]!; i++) {
    const e = plane.inLink[i]!;
    if (plane.up[e] === 1) continue;
    parents.add(plane.from[e]!);
    links++;
    fastest = Math.max(fastest, plane.rate[e]!);
  }
  return { links, parents: parents.size, fastest };
}

/**
 * Lower bound on the largest sum when `items` are put whole into `bins` equal bins: the mean, rounded up to the
 * items' common divisor; the largest; and the j + 1 lightest of the first j * bins + 1. Sorts `items`. O(n log n).
 */
export function makespanBound(items: Float64Array, bins: number): number {
  const n = items.length;
  if (n === 0) return 0;
  if (isUniform(items)) return items[0]! * Math.ceil(n / bins);
  const step = commonStep(items);
  items.sort();
  let bound = 0;
  for (let i = 0; i < n; i++) bound += items[i]!;
  // The fullest bin holds a whole number of the items' common step.
  bound = Math.ceil(bound / bins / step) * step;
  // Ascending order: the item of falling rank r stands at n - 1 - r.
  for (let j = 0; j * bins < n; j++) {
    let sum = 0;
    const lightest = n - 1 - j * bins;
    // Sums of j + 1 neighbours: n / bins of them with n / bins items each, so no more than n in all for n <= bins^2.
    for (let i = lightest; i <= lightest + j; i++) sum += items[i]!;
    if (sum > bound) bound = sum;
  }
  return bound;
}

/** Greatest common divisor of the items (multiples of a power of two, see Units): 0 < step, exact. */
function commonStep(items: Float64Array): number {
  let step = items[0]!;
  for (let i = 1; i < items.length; i++) {
    let a = items[i]!;
    while (a !== 0) {
      const rest = step % a;
      step = a;
      a = rest;
    }
  }
  return step;
}

/** Part of each switch at or below the tier: switches joined by live links among themselves; -1 above it. */
function partsBelow(plane: Plane, tier: number): Int32Array {
  const count = plane.switches.length;
  const part = new Int32Array(count).fill(-1);
  const below = (s: number) => plane.fabric.tier[plane.switches[s]!]! <= tier;
  const stack: number[] = [];
  let next = 0;
  for (let s = 0; s < count; s++) {
    if (part[s]! >= 0 || !below(s)) continue;
    part[s] = next;
    stack.push(s);
    while (stack.length > 0) {
      const x = stack.pop()!;
      for (let e = plane.outStart[x]!; e < plane.outStart[x + 1]!; e++) {
        const t = plane.to[e]!;
        if (part[t]! >= 0 || !below(t)) continue;
        part[t] = next;
        stack.push(t);
      }
    }
    next++;
  }
  return part;
}

interface Cut {
  readonly links: Int32Array;
  readonly rate: Float64Array;
  readonly fastest: Float64Array;
}

/** Links that leave (direction 1) or enter (0) each part. */
function capacities(plane: Plane, part: Int32Array, direction: number): Cut {
  const parts = part.reduce((most, p) => Math.max(most, p + 1), 0);
  const cut = {
    links: new Int32Array(parts),
    rate: new Float64Array(parts),
    fastest: new Float64Array(parts),
  };
  for (let e = 0; e < plane.links; e++) {
    const inside = part[direction === 1 ? plane.from[e]! : plane.to[e]!]!;
    const outside = part[direction === 1 ? plane.to[e]! : plane.from[e]!]!;
    if (inside < 0 || inside === outside) continue;
    cut.links[inside]!++;
    cut.rate[inside]! += plane.rate[e]!;
    cut.fastest[inside] = Math.max(cut.fastest[inside]!, plane.rate[e]!);
  }
  return cut;
}

/** Bytes of the units that leave (1) or enter (0) each part, CSR by part. */
function itemsOf(plane: Plane, units: Units, part: Int32Array, direction: number) {
  const parts = part.reduce((most, p) => Math.max(most, p + 1), 0);
  const start = new Int32Array(parts + 1);
  const owner = new Int32Array(units.count).fill(-1);
  const ofLeaf = Int32Array.from(plane.leaves, (s) => part[s]!);
  const ofColumn = Int32Array.from(plane.leafOf, (l) => (l < 0 ? -1 : ofLeaf[l]!));
  for (let i = 0; i < units.count; i++) {
    const source = ofLeaf[units.leaf[i]!]!;
    const target = ofColumn[units.column[i]!]!;
    if (source === target) continue;
    owner[i] = direction === 1 ? source : target;
    if (owner[i]! >= 0) start[owner[i]! + 1]!++;
  }
  for (let k = 0; k < parts; k++) start[k + 1]! += start[k]!;
  const bytes = new Float64Array(start[parts]!);
  if (isUniform(units.bytes)) return { start, bytes: bytes.fill(units.bytes[0] ?? 0) };
  const next = start.slice();
  for (let i = 0; i < units.count; i++) if (owner[i]! >= 0) bytes[next[owner[i]!]!++] = units.bytes[i]!;
  return { start, bytes };
}
