import type { Catalog, NodeShape } from '../catalog/types.ts';

/** How a group lies on nodes: members, nodes, and members of each node (0: not equally many). */
export interface Lay {
  readonly size: number;
  readonly nodes: number;
  readonly perNode: number;
}

const ALGORITHMS = ['ring', 'tree'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** The algorithm of an all-reduce of so many bytes a rank. */
export type Tuner = (bytes: number, lay: Lay) => Algorithm;

const PROTOCOLS = ['ll', 'll128', 'simple'] as const;

/** What one algorithm takes under one protocol. */
interface Alternative {
  readonly algorithm: Algorithm;
  readonly base: number;
  readonly inside: number;
  readonly network: number;
  /** Share of the bus bandwidth, and the most that it comes to. */
  readonly rate: number;
  readonly most: number;
}

/**
 * Chooses as NCCL's tuner does: of ring and double binary tree, each under three protocols, the one that takes least by
 *
 *   ring: base + 2 n inside-steps and 2 nodes network-steps + bytes · 2 (n - 1) / n / rate
 *   tree: base + 2 (perNode - 1) inside + 2 log2(nodes) network + 2 · bytes / rate
 *
 * with the latencies and shares of NCCL's tables (catalog: nccl.*), rate the share of what the group's NICs or NVLink carry.
 * Left out: NCCL's corrections for trees of middling sizes, and limits by channel. Within a node it is the ring: a tree is
 * then a chain. What the chosen one takes is for the fabric to say; trees never carry more than their share of the NICs.
 */
export function ncclTuner(
  node: Pick<NodeShape, 'nicRate' | 'nics' | 'gpus' | 'scaleUpAchievable'>,
  catalog: Catalog,
): Tuner {
  let alternatives: readonly Alternative[] | null = null;
  const nic = (node.nicRate * node.nics) / node.gpus;
  return (bytes, lay) => {
    if (lay.nodes === 1 || lay.perNode === 0) return 'ring';
    alternatives ??= alternativesOf(catalog);
    const { perNode } = lay;
    const inside = perNode === 1 ? Infinity : (node.scaleUpAchievable * perNode) / (perNode - 1);
    const bus = Math.min(nic * perNode, inside);
    let best: Algorithm = 'ring';
    let least = Infinity;
    for (const alternative of alternatives) {
      const seconds = secondsOf(alternative, bytes, lay, bus);
      if (seconds >= least) continue;
      least = seconds;
      best = alternative.algorithm;
    }
    return best;
  };
}

function secondsOf(a: Alternative, bytes: number, { size, nodes, perNode }: Lay, bus: number): number {
  const rate = Math.min(a.most, bus * a.rate);
  const steps = 2 * (size - 1);
  if (a.algorithm === 'ring') {
    const across = Math.min(steps, 2 * nodes);
    return a.base + (steps - across) * a.inside + across * a.network + (bytes * steps) / size / rate;
  }
  const levels = 31 - Math.clz32(nodes);
  return a.base + 2 * ((perNode - 1) * a.inside + levels * a.network) + (2 * bytes) / rate;
}

function alternativesOf(catalog: Catalog): Alternative[] {
  const most = catalog.get('nccl.ll.most').value;
  return ALGORITHMS.flatMap((algorithm) =>
    PROTOCOLS.map((protocol): Alternative => {
      const get = (what: string): number => catalog.get(`nccl.${algorithm}.${protocol}.${what}`).value;
      return {
        algorithm,
        base: get('base'),
        inside: get('inside'),
        network: get('network'),
        rate: get('rate'),
        most: protocol === 'll' ? most : Infinity,
      };
    }),
  );
}
