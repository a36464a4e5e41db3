import type { Fabric } from '../fabric/types.ts';
import { NodeKind } from '../fabric/types.ts';

/**
 * Which leaves each switch reaches by going only down, and by going up j links first: bit sets over the leaves of
 * the switch's own plane, so that eight small planes cost no more than their own sizes.
 */
export interface Reach {
  /** Number of each switch that has endpoints, by plane and then node id; -1 for the others. By node - endpoints. */
  readonly leafIndex: Int32Array;
  /** Leaves of plane p are numbered [planeStart[p], planeStart[p + 1]). */
  readonly planeStart: Int32Array;
  /** First word of a switch in every set, length switches + 1. Bit b of a switch is leaf planeStart[plane] + b. */
  readonly word: Uint32Array;
  /** down[d]: leaves first reached over d links down. down[0] is the switch itself. */
  readonly down: readonly Uint32Array[];
  /** up[j]: leaves reached over j links up and then only down. up[0] is the union of `down`. */
  readonly up: readonly Uint32Array[];
  readonly tiers: number;
}

/** True for a live link between two switches of one plane: the only links a route inside the network takes. */
export function isInner(fabric: Fabric, link: number): boolean {
  const a = fabric.linkFrom[link]!;
  const b = fabric.linkTo[link]!;
  return (
    fabric.linkAlive[link] === 1 &&
    fabric.kind[a] === NodeKind.switch &&
    fabric.kind[b] === NodeKind.switch &&
    fabric.plane[a] === fabric.plane[b]
  );
}

/** Most links that any node has: the length that a buffer of candidates needs. */
export function radixOf(fabric: Fabric): number {
  let radix = 1;
  for (let n = 0; n < fabric.nodes; n++)
    radix = Math.max(radix, fabric.linkStart[n + 1]! - fabric.linkStart[n]!);
  return radix;
}

/** O(tiers * live links * leaves of a plane / 32). `leafOf` as in NextHops. */
export function reachOf(fabric: Fabric, leafOf: Int32Array): Reach {
  const first = fabric.endpoints;
  const switches = fabric.nodes - first;
  let tiers = 1;
  for (let n = first; n < fabric.nodes; n++) tiers = Math.max(tiers, fabric.tier[n]!);
  const { leafIndex, planeStart } = numberLeaves(fabric, leafOf);

  const word = new Uint32Array(switches + 1);
  for (let s = 0; s < switches; s++) {
    const p = fabric.plane[first + s]!;
    word[s + 1] = word[s]! + ((planeStart[p + 1]! - planeStart[p]! + 31) >>> 5);
  }
  const words = word[switches]!;
  const down = [new Uint32Array(words)];
  const seen = new Uint32Array(words);
  for (let s = 0; s < switches; s++) {
    if (leafIndex[s]! < 0) continue;
    const bit = leafIndex[s]! - planeStart[fabric.plane[first + s]!]!;
    down[0]![word[s]! + (bit >>> 5)]! |= 1 << (bit & 31);
    seen[word[s]! + (bit >>> 5)]! |= 1 << (bit & 31);
  }
  for (let d = 1; d < tiers; d++) {
    const next = new Uint32Array(words);
    mergeNeighbours(fabric, word, -1, down[d - 1]!, next);
    for (let w = 0; w < words; w++) next[w] = next[w]! & ~seen[w]!;
    for (let w = 0; w < words; w++) seen[w] = seen[w]! | next[w]!;
    down.push(next);
  }
  const up = [seen];
  for (let j = 1; j < tiers; j++) {
    const next = new Uint32Array(words);
    mergeNeighbours(fabric, word, 1, up[j - 1]!, next);
    up.push(next);
  }
  return { leafIndex, planeStart, word, down, up, tiers };
}

function numberLeaves(fabric: Fabric, leafOf: Int32Array): { leafIndex: Int32Array; planeStart: Int32Array } {
  const first = fabric.endpoints;
  const leafIndex = new Int32Array(fabric.nodes - first).fill(-1);
  const planeStart = new Int32Array(fabric.planes + 1);
  for (let e = 0; e < first; e++) if (leafOf[e]! >= 0) leafIndex[leafOf[e]! - first] = 0;
  for (let s = 0; s < leafIndex.length; s++)
    if (leafIndex[s] === 0) planeStart[fabric.plane[first + s]! + 1]!++;
  for (let p = 0; p < fabric.planes; p++) planeStart[p + 1]! += planeStart[p]!;
  const next = planeStart.slice();
  for (let s = 0; s < leafIndex.length; s++) {
    if (leafIndex[s] === 0) leafIndex[s] = next[fabric.plane[first + s]!]!++;
  }
  return { leafIndex, planeStart };
}

/** target(switch) |= source(neighbour) over its live links in one direction. */
function mergeNeighbours(
  fabric: Fabric,
  word: Uint32Array,
  direction: number,
  source: Uint32Array,
  target: Uint32Array,
): void {
  const { endpoints, linkStart, linkTo, linkDirection } = fabric;
  for (let node = endpoints; node < fabric.nodes; node++) {
    const to = word[node - endpoints]!;
    const count = word[node - endpoints + 1]! - to;
    for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
      if (linkDirection[l] !== direction || !isInner(fabric, l)) continue;
      const from = word[linkTo[l]! - endpoints]!;
      for (let w = 0; w < count; w++) target[to + w] = target[to + w]! | source[from + w]!;
    }
  }
}
