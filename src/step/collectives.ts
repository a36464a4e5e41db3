import type { Catalog, MixtureOfExperts, NodeShape, Transport } from '../catalog/types.ts';
import { latency, nicEfficiency } from '../flow/bottleneck.ts';
import type { TrafficSpec } from '../spec/types.ts';
import { expertShares } from '../traffic/experts.ts';
import { rankLayout } from '../traffic/layout.ts';
import { groupShape } from '../traffic/shapes.ts';
import { treeRounds, treeShare } from '../traffic/tree.ts';
import { type Lay, ncclTuner, type Tuner } from '../traffic/tuner.ts';
import { groupSize } from '../workload/groups.ts';
import type { Groups, Operation } from '../workload/types.ts';

/**
 * Times of operations without a fabric: ranks in order on nodes, and a network that gives every NIC its rate (full
 * bisection, routes without collisions). The formulas are those of the profile's bottleneck model (flow/bottleneck.ts)
 * for groups that lie regularly on nodes, so that a search over thousands of plans and a plan on a good fabric agree.
 */
export interface NetworkShape {
  readonly node: NodeShape;
  readonly transport: Transport;
  /** Switches on the longest way between two nodes. */
  readonly switchHops: number;
  readonly traffic: Pick<TrafficSpec, 'experts' | 'nodeLimit'>;
  readonly experts?: Pick<MixtureOfExperts, 'routed' | 'active'> | undefined;
  readonly seed: number;
}

/** Seconds of one invocation of any operation; what experts ask of nodes is remembered by the shape of the group. */
export class Collectives {
  readonly #shape: NetworkShape;
  readonly #ringRate: number;
  readonly #treeRate: number;
  readonly #tuner: Tuner;
  readonly #exchangeRate: number;
  readonly #hop: number;
  readonly #inside: number;
  readonly #shares = new Map<string, { nodes: number; ranks: number }>();

  constructor(shape: NetworkShape, catalog: Catalog) {
    const { node, transport, switchHops } = shape;
    this.#shape = shape;
    const rate = (node.nicRate * node.nics) / node.gpus;
    this.#ringRate = rate * nicEfficiency('all-gather', 'ring', catalog);
    this.#treeRate = rate * nicEfficiency('all-reduce', 'tree', catalog);
    this.#exchangeRate = rate * nicEfficiency('send', undefined, catalog);
    this.#tuner = ncclTuner(node, catalog);
    this.#hop = latency(transport, switchHops, catalog);
    this.#inside = catalog.get('scale-up.latency').value;
  }

  seconds(operation: Operation): number {
    const lay = this.#lay(operation.groups);
    if (operation.kind === 'send') return this.#send(operation, lay);
    if (operation.kind === 'dispatch' || operation.kind === 'combine') return this.#experts(operation, lay);
    if (operation.kind === 'all-to-all') return this.#exchange(operation.bytesPerRank, lay);
    if (operation.kind !== 'all-reduce') return this.#ring(operation.bytesPerRank, lay);
    return this.#tuner(operation.bytesPerRank, lay) === 'tree'
      ? this.#tree(operation.bytesPerRank, lay)
      : 2 * this.#ring(operation.bytesPerRank, lay);
  }

  /** Two binary trees of nodes for each member of a node, sums along chains inside (traffic/tree.ts). */
  #tree(bytes: number, { nodes, perNode }: Lay): number {
    const network = (bytes * treeShare(nodes)) / (perNode * this.#treeRate);
    const inside = (2 * bytes * (perNode - 1)) / perNode / this.#shape.node.scaleUpAchievable;
    return Math.max(network, inside) + treeRounds(nodes, perNode) * this.#hop;
  }

  /** Ring reduce-scatter or all-gather, as many rings at once as a node has members (traffic/ring.ts). */
  #ring(bytes: number, { size, nodes, perNode }: Lay): number {
    const volume = (bytes * (size - 1)) / size;
    const { scaleUpAchievable } = this.#shape.node;
    if (nodes === 1) return volume / scaleUpAchievable + (size - 1) * this.#inside;
    const network = volume / (perNode * this.#ringRate);
    const inside = (volume * (perNode - 1)) / perNode / scaleUpAchievable;
    return Math.max(network, inside) + (size - 1) * this.#hop;
  }

  #send({ bytesPerRank, groups }: Operation, { nodes }: Lay): number {
    const crosses = nodes > 1 || groups.inner.some((d) => d.stride * d.size > this.#shape.node.gpus);
    return crosses
      ? bytesPerRank / this.#exchangeRate + this.#hop
      : bytesPerRank / this.#shape.node.scaleUpAchievable + this.#inside;
  }

  #exchange(bytes: number, { size, nodes, perNode }: Lay): number {
    const each = bytes / size;
    const inside = (each * (perNode - 1)) / this.#shape.node.scaleUpAchievable;
    const network = (each * (size - perNode)) / this.#exchangeRate;
    return Math.max(inside, network) + (nodes > 1 ? this.#hop : this.#inside);
  }

  /** One copy of a token to every other node that it needs, and from there to its ranks. */
  #experts(operation: Operation, lay: Lay): number {
    const { perRank, bytesPerToken } = operation.tokens!;
    const bytes = perRank * bytesPerToken;
    const { nodes, ranks } = this.#sharing(lay);
    const { scaleUpAchievable } = this.#shape.node;
    const network = (bytes * nodes) / this.#exchangeRate;
    const inside = (bytes * ranks) / scaleUpAchievable;
    const start = lay.nodes > 1 ? this.#hop + this.#inside : this.#inside;
    return Math.max(network, inside) + start;
  }

  /** Other nodes, and other GPUs by way of the scale-up network, that a token needs on average. */
  #sharing(lay: Lay): { nodes: number; ranks: number } {
    const key = `${lay.size},${lay.perNode}`;
    let known = this.#shares.get(key);
    if (known === undefined) {
      known = this.#sample(lay);
      this.#shares.set(key, known);
    }
    return known;
  }

  #sample({ size, nodes, perNode }: Lay): { nodes: number; ranks: number } {
    const { experts, traffic, seed } = this.#shape;
    if (experts === undefined) return { nodes: 0, ranks: 0 };
    const layout = rankLayout(size, perNode);
    if (!layout.ok) throw new Error('a group does not lie evenly on nodes');
    const shape = groupShape(
      Int32Array.from({ length: size }, (_, i) => i),
      layout.value,
    );
    const shares = expertShares(
      { ...experts, popularity: traffic.experts, nodeLimit: traffic.nodeLimit, seed },
      0,
      shape,
    );
    // The busiest member's view: with uniform experts everybody's.
    const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);
    const most = (x: Float64Array): number => x.reduce((a, b) => Math.max(a, b), 0);
    const others = (nodes - 1) / nodes;
    const hottest = (most(shares.node) * nodes) / sum(shares.node);
    const busiest = (most(shares.rank) * size) / sum(shares.rank);
    return {
      nodes: sum(shares.node) * others * hottest,
      // A copy that lands on the right GPU of its node goes no further.
      ranks: sum(shares.rank) * (1 - 1 / perNode) * busiest,
    };
  }

  /** O(dimensions of the group). */
  #lay(groups: Groups): Lay {
    const { gpus } = this.#shape.node;
    const size = groupSize(groups);
    let perNode = 1;
    for (const { size: n, stride } of groups.inner) {
      if (stride < gpus) perNode *= Math.min(n, Math.max(1, Math.floor(gpus / stride)));
    }
    return { size, nodes: Math.ceil(size / perNode), perNode };
  }
}
