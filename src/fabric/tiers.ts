import { NodeKind } from './types.ts';

/** The bare graph an importer has before it knows what is a leaf: node kinds and cables by node id. */
export interface Graph {
  /** NodeKind, length nodes. */
  readonly kind: ArrayLike<number>;
  readonly cables: readonly { readonly a: number; readonly b: number }[];
}

/** Undirected neighbours in CSR, length of `to` = 2 x cables. */
interface Neighbours {
  readonly start: Uint32Array;
  readonly to: Uint32Array;
}

/** A switch with fewer than this share of its neighbouring switches' mean HCAs carries management nodes, not a job's. */
const STRAY_SHARE = 0.5;

/**
 * Tier of each node by its distance from the HCAs: 0 endpoints, 1 leaves, 2 spines, 3 cores. Two habits of
 * real fabrics are seen through: a management HCA under a spine does not make it a leaf (a switch with far fewer
 * HCAs than the leaves it is cabled to), and leaves that nothing is plugged into yet are not a layer of cores
 * (they join nothing that the layer below leaves apart). Aggregation nodes do not count as HCAs. A switch that
 * no HCA reaches is a leaf. O(nodes + cables).
 */
export function assignTiers(graph: Graph): Uint8Array {
  const near = neighbours(graph);
  const isLeaf = findLeaves(graph.kind, near);
  const tier = distances(graph.kind, near, isLeaf);
  let top = 0;
  for (let i = 0; i < tier.length; i++) if (tier[i]! > top) top = tier[i]!;
  if (top >= 3 && components(graph.kind, near, tier, 2) === components(graph.kind, near, tier, top)) {
    for (let i = 0; i < tier.length; i++) if (tier[i]! >= 3) tier[i] = 1;
  }
  return tier;
}

/**
 * Plane of each node. Planes are separate networks that the same hosts hang on, so each connected component gets
 * the lowest number that no component with one of its hosts has taken; components without hosts in common
 * (islands of one network) share a number. `hostOf` as in Hosts.of. O(nodes + cables).
 */
export function assignPlanes(
  graph: Graph,
  hostOf: ArrayLike<number>,
): { readonly plane: Uint16Array; readonly planes: number } {
  const near = neighbours(graph);
  const plane = new Uint16Array(graph.kind.length);
  const seen = new Uint8Array(graph.kind.length);
  const taken = new Map<number, Set<number>>();
  let planes = 1;
  for (let first = 0; first < seen.length; first++) {
    if (seen[first]) continue;
    const reached = flood(near, first, seen);
    const used = new Set<number>();
    const hosts = new Set<number>();
    for (const node of reached) {
      const host = hostOf[node] ?? -1;
      if (host >= 0) hosts.add(host);
    }
    for (const host of hosts) for (const p of taken.get(host) ?? []) used.add(p);
    let number = 0;
    while (used.has(number)) number++;
    for (const node of reached) plane[node] = number;
    for (const host of hosts) taken.set(host, (taken.get(host) ?? new Set()).add(number));
    planes = Math.max(planes, number + 1);
  }
  return { plane, planes };
}

function neighbours(graph: Graph): Neighbours {
  const n = graph.kind.length;
  const start = new Uint32Array(n + 1);
  for (const c of graph.cables) {
    start[c.a + 1]!++;
    start[c.b + 1]!++;
  }
  for (let i = 0; i < n; i++) start[i + 1]! += start[i]!;
  const to = new Uint32Array(2 * graph.cables.length);
  const next = start.slice();
  for (const c of graph.cables) {
    to[next[c.a]!++] = c.b;
    to[next[c.b]!++] = c.a;
  }
  return { start, to };
}

function findLeaves(kind: ArrayLike<number>, near: Neighbours): Uint8Array {
  const n = kind.length;
  const hcas = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    if (kind[i] !== NodeKind.switch) continue;
    for (let k = near.start[i]!; k < near.start[i + 1]!; k++)
      if (kind[near.to[k]!] === NodeKind.endpoint) hcas[i]!++;
  }
  const isLeaf = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (hcas[i] === 0) continue;
    let links = 0;
    let theirs = 0;
    for (let k = near.start[i]!; k < near.start[i + 1]!; k++) {
      if (kind[near.to[k]!] !== NodeKind.switch) continue;
      links++;
      theirs += hcas[near.to[k]!]!;
    }
    isLeaf[i] = links > 0 && hcas[i]! * links < STRAY_SHARE * theirs ? 0 : 1;
  }
  return isLeaf;
}

/** Breadth first from the leaves over switches; endpoints 0, unreached switches 1. */
function distances(kind: ArrayLike<number>, near: Neighbours, isLeaf: Uint8Array): Uint8Array {
  const tier = new Uint8Array(kind.length);
  const queue = new Uint32Array(kind.length);
  let tail = 0;
  for (let i = 0; i < kind.length; i++) {
    if (!isLeaf[i]) continue;
    tier[i] = 1;
    queue[tail++] = i;
  }
  for (let head = 0; head < tail; head++) {
    const node = queue[head]!;
    for (let k = near.start[node]!; k < near.start[node + 1]!; k++) {
      const other = near.to[k]!;
      if (kind[other] !== NodeKind.switch || tier[other] !== 0) continue;
      tier[other] = tier[node]! + 1;
      queue[tail++] = other;
    }
  }
  for (let i = 0; i < kind.length; i++) if (kind[i] === NodeKind.switch && tier[i] === 0) tier[i] = 1;
  return tier;
}

/** How many separate groups the leaves form when only switches up to tier `top` are there. */
function components(kind: ArrayLike<number>, near: Neighbours, tier: Uint8Array, top: number): number {
  const seen = new Uint8Array(kind.length);
  for (let i = 0; i < seen.length; i++) if (kind[i] !== NodeKind.switch || tier[i]! > top) seen[i] = 1;
  let count = 0;
  for (let i = 0; i < seen.length; i++) {
    if (seen[i] || tier[i] !== 1) continue;
    flood(near, i, seen);
    count++;
  }
  return count;
}

/** Nodes reached from `first` over nodes not yet seen, which it marks. */
function flood(near: Neighbours, first: number, seen: Uint8Array): number[] {
  const reached = [first];
  seen[first] = 1;
  for (let head = 0; head < reached.length; head++) {
    const node = reached[head]!;
    for (let k = near.start[node]!; k < near.start[node + 1]!; k++) {
      const other = near.to[k]!;
      if (seen[other]) continue;
      seen[other] = 1;
      reached.push(other);
    }
  }
  return reached;
}
