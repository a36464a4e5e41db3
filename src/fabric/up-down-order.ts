import { isSwitch } from './builder.ts';
import type { Fabric } from './types.ts';

/**
 * The fabric with its switches put in an order from one root, so that up/down routing uses every cable of a wiring that is
 * no tree: a mesh, a ring, leaves cabled to each other. Breadth-first from a switch of the highest tier with most cables
 * (a root for each part of each plane); up is towards the root, among equals towards the lower number. No path turns
 * from down to up, so that links cannot wait in a circle, and all that cables join are joined. The method of
 * M. Schroeder et al., "Autonet", IEEE JSAC 9(8), 1991, DOI 10.1109/49.105178. Tiers become ranks of that order: up to
 * as many as there are switches. O(nodes + links log links).
 */
export function withUpDownOrder(fabric: Fabric): Fabric {
  const order = breadthFirst(fabric);
  const place = new Int32Array(fabric.nodes).fill(-1);
  for (const [i, node] of order.entries()) place[node] = i;
  const linkDirection = fabric.linkDirection.slice();
  const tier = fabric.tier.slice();
  const { linkStart, linkTo } = fabric;
  // From the last one back: a switch ranks one above the highest of those that look up to it.
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    tier[node] = 1;
    for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
      const other = linkTo[l]!;
      if (!isSwitch(fabric, other)) continue;
      linkDirection[l] = place[other]! < i ? 1 : -1;
      if (place[other]! > i) tier[node] = Math.min(MOST_RANKS, Math.max(tier[node]!, tier[other]! + 1));
    }
  }
  let layers = 1;
  for (const node of order) layers = Math.max(layers, tier[node]!);
  return { ...fabric, linkDirection, tier, layers };
}

/** What a tier has room for. */
const MOST_RANKS = 255;

/** Switches, nearest to a root first and by number among equals. */
function breadthFirst(fabric: Fabric): number[] {
  const order: number[] = [];
  const seen = new Uint8Array(fabric.nodes);
  const cables = new Int32Array(fabric.nodes);
  for (let l = 0; l < fabric.links; l++) if (joins(fabric, l)) cables[fabric.linkFrom[l]!]!++;
  const roots: number[] = [];
  for (let node = fabric.endpoints; node < fabric.nodes; node++) roots.push(node);
  roots.sort((a, b) => fabric.tier[b]! - fabric.tier[a]! || cables[b]! - cables[a]! || a - b);
  for (const root of roots) {
    if (seen[root]) continue;
    seen[root] = 1;
    for (let level = [root]; level.length > 0; ) {
      order.push(...level);
      const next: number[] = [];
      for (const node of level) {
        for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
          const other = fabric.linkTo[l]!;
          if (!joins(fabric, l) || seen[other]) continue;
          seen[other] = 1;
          next.push(other);
        }
      }
      level = next.sort((a, b) => a - b);
    }
  }
  return order;
}

function joins(fabric: Fabric, link: number): boolean {
  const { linkFrom, linkTo, linkAlive, plane } = fabric;
  const [a, b] = [linkFrom[link]!, linkTo[link]!];
  return linkAlive[link] === 1 && isSwitch(fabric, a) && isSwitch(fabric, b) && plane[a] === plane[b];
}

/** Live cables between switches of one tier: those make a wiring no tree. O(links). */
export function levelCables(fabric: Fabric): number {
  let count = 0;
  for (let l = 0; l < fabric.links; l++)
    if (fabric.linkDirection[l] === 0 && fabric.linkAlive[l] === 1 && l < fabric.linkReverse[l]!) count++;
  return count;
}
