import { oncePer } from '../base/once.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { AdaptiveSpread } from '../flow/adaptive.ts';
import type { FluidPaths } from '../fluid/types.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { NextHops } from '../routes/types.ts';
import type { Network, Ways } from './network.ts';

/**
 * The best that any routing could do, as ways and capacities: all uplinks of a leaf are one trunk, and so are its
 * downlinks; with three layers the same of a pod. Trunks are numbered after the fabric's links: of the n-th switch two, up
 * and down. Where missing cables keep every routing from filling its trunks, these are `loss` times as slow (routing/ideal.ts).
 * On a regular tree that is the fractional optimum at each instant. O(flows + links).
 */
export function idealWays({ fabric, hops, planes }: Network): Ways {
  const { flows, of } = planes;
  const planeFlow = Int32Array.from({ length: flows.count }, (_, f) => f);
  return {
    ...idealPaths(fabric, hops, flows),
    parts: flows.count,
    message: of,
    planeFlow,
    bytes: flows.bytes,
  };
}

/** The way of each flow over NIC links and trunks: path f of flow f, -1 where there is none; to itself over no link. */
export function idealPaths(
  fabric: Fabric,
  hops: NextHops,
  flows: Pick<Flows, 'count' | 'src' | 'dst'>,
): { readonly paths: FluidPaths; readonly path: Int32Array } {
  const pod = podsOf(fabric);
  const start = new Uint32Array(flows.count + 1);
  const link: number[] = [];
  const path = new Int32Array(flows.count).fill(-1);
  for (let f = 0; f < flows.count; f++) {
    const [src, dst] = [flows.src[f]!, flows.dst[f]!];
    if (src === dst) path[f] = f;
    else if (hops.switchHops(src, dst) > 0) {
      const [from, to] = [hops.leafOf[src]!, hops.leafOf[dst]!];
      path[f] = f;
      link.push(fabric.linkReverse[hops.edge[src]!]!);
      if (from !== to) {
        const far = pod[from - fabric.endpoints] !== pod[to - fabric.endpoints];
        link.push(trunk(fabric, from, 0));
        if (far) link.push(trunk(fabric, pod[from - fabric.endpoints]!, 0));
        if (far) link.push(trunk(fabric, pod[to - fabric.endpoints]!, 1));
        link.push(trunk(fabric, to, 1));
      }
      link.push(hops.edge[dst]!);
    }
    start[f + 1] = link.length;
  }
  return { paths: { count: flows.count, start, link: Uint32Array.from(link), share: null }, path };
}

/** Trunk of a leaf, or of a pod by its lowest switch above the leaves; 0 up, 1 down. */
function trunk(fabric: Fabric, node: number, down: 0 | 1): number {
  return fabric.links + 2 * (node - fabric.endpoints) + down;
}

/** Bytes per second of the links and then of every switch's two trunks. */
export function idealCapacity(fabric: Fabric, hops: NextHops, loss: number): Float64Array {
  const switches = fabric.nodes - fabric.endpoints;
  const capacity = new Float64Array(fabric.links + 2 * switches);
  const pod = podsOf(fabric);
  const serves = new Uint8Array(fabric.nodes);
  for (let e = 0; e < fabric.endpoints; e++) if (hops.leafOf[e]! >= 0) serves[hops.leafOf[e]!] = 1;
  for (let l = 0; l < fabric.links; l++) {
    if (fabric.linkAlive[l] !== 1) continue;
    const rate = fabric.linkRate[l]!;
    capacity[l] = rate;
    if (fabric.linkDirection[l] !== 1) continue;
    const from = fabric.linkFrom[l]!;
    if (from < fabric.endpoints) continue;
    // Cables are alike both ways.
    const owner = serves[from] === 1 ? from : pod[from - fabric.endpoints]!;
    capacity[trunk(fabric, owner, 0)]! += rate / loss;
    capacity[trunk(fabric, owner, 1)]! += rate / loss;
  }
  return capacity;
}

/**
 * True when adaptive routing spreads every flow over all links of its trunks in proportion to their rates, as on a regular
 * tree: then a link is as full as its trunk at each instant, and flows end when they do on the ideal network (`loss` 1).
 * O(leaf pairs * links on the ways of a pair).
 */
export function adaptiveIsIdeal(
  fabric: Fabric,
  hops: NextHops,
  { src, dst, count }: Pick<Flows, 'count' | 'src' | 'dst'>,
  capacity: Float64Array,
): boolean {
  const pod = podsOf(fabric);
  const spread = new AdaptiveSpread(fabric, hops);
  const seen = new Set<number>();
  for (let f = 0; f < count; f++) {
    const from = hops.leafOf[src[f]!]!;
    const to = hops.leafOf[dst[f]!]!;
    if (from < 0 || to < 0 || from === to || seen.has(from * fabric.nodes + to)) continue;
    seen.add(from * fabric.nodes + to);
    if (!spread.add(from, to, 1, 1)) continue;
    const far = pod[from - fabric.endpoints] !== pod[to - fabric.endpoints];
    const trunks = far ? [from, pod[from - fabric.endpoints]!, pod[to - fabric.endpoints]!, to] : [from, to];
    let even = true;
    spread.send(to, {
      add: (link, share) => {
        const up = fabric.linkDirection[link] === 1;
        const lower = up ? fabric.linkFrom[link]! : fabric.linkTo[link]!;
        // A leaf's trunk is its own, a higher switch's that of its pod.
        const owner = lower === from || lower === to ? lower : pod[lower - fabric.endpoints]!;
        const at = trunks.indexOf(owner);
        const mine = at >= 0 && (up ? at < trunks.length / 2 : at >= trunks.length / 2);
        const wanted = fabric.linkRate[link]! / capacity[trunk(fabric, owner, up ? 0 : 1)]!;
        even &&= mine && Math.abs(share - wanted) <= HAIR * wanted;
      },
    });
    if (!even) return false;
  }
  return true;
}

/**
 * Pod of each switch below the top tier: its connected part there, named by its lowest switch above the leaves (a leaf
 * that has none names itself). Length switches. Union-find, O(links).
 */
const podsOf = oncePer((fabric: Fabric): Int32Array => {
  const { endpoints, nodes, links, tier } = fabric;
  const parent = Int32Array.from({ length: nodes - endpoints }, (_, s) => s);
  const find = (s: number): number => {
    let root = s;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  let top = 0;
  for (let n = endpoints; n < nodes; n++) top = Math.max(top, tier[n]!);
  for (let l = 0; l < links; l++) {
    const [a, b] = [fabric.linkFrom[l]!, fabric.linkTo[l]!];
    if (a < endpoints || b < endpoints || fabric.linkAlive[l] !== 1) continue;
    // With two layers the top has no pods below it: all leaves are one.
    if (top > 2 && (tier[a] === top || tier[b] === top)) continue;
    parent[find(a - endpoints)] = find(b - endpoints);
  }
  const name = new Int32Array(nodes - endpoints).fill(-1);
  for (let n = nodes - 1; n >= endpoints; n--) {
    const root = find(n - endpoints);
    if (tier[n]! > 1 || name[root] === -1) name[root] = n;
  }
  return Int32Array.from({ length: nodes - endpoints }, (_, s) => name[find(s)]!);
});
