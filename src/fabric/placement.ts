import { ok, type Result } from '../base/result.ts';
import { stream } from '../numeric/random.ts';
import { nodeDemand } from '../traffic/demand.ts';
import type { Demand, RankLayout, Transfers } from '../traffic/types.ts';
import { chooseHosts, hostTable, leafGroups } from './hosts.ts';
import { packedOrder } from './packing.ts';
import type { Fabric, NodePorts, Placement, PlacementReport } from './types.ts';

export interface PlaceInput {
  readonly fabric: Fabric;
  readonly layout: RankLayout;
  readonly transfers: readonly Transfers[];
  /** A rank map has already shaped the layout; its nodes are taken as the hosts in order. */
  readonly strategy: 'auto' | 'linear' | readonly number[];
  readonly node: NodePorts;
  /** Names of the job's hosts, in node order; null: the fabric's own. */
  readonly hosts: readonly string[] | null;
  /** Parallel dimensions of a rank: digit = floor(rank / stride) mod size. `auto` sorts nodes by them. */
  readonly dimensions: readonly { readonly name: string; readonly size: number; readonly stride: number }[];
  readonly seed: number;
}

/** Beyond so many dimensions their orders are too many to try; none of ours has more. */
const MOST_DIMENSIONS = 5;

/**
 * Gives each virtual node of the job a host. `auto` tries the order as given, virtual nodes sorted by every order of
 * the job's dimensions, and a greedy packing of the heaviest pairs into leaves, all filled leaf by leaf, and keeps
 * what sends fewest bytes across leaves, then across pods, then the first. O(orders x node pairs that talk).
 */
export function place(
  input: PlaceInput,
): Result<{ readonly placement: Placement; readonly report: PlacementReport }> {
  const { fabric, layout, strategy } = input;
  const table = hostTable(fabric, input.node, layout.gpusPerNode);
  const chosen = chooseHosts(fabric, table, input.hosts, layout.nodes);
  if (!chosen.ok) return chosen;
  const ground = new Ground(input, chosen.value);
  const linear = ground.measure('linear', chosen.value.subarray(0, layout.nodes));
  const random = ground.measure('random', ground.randomOrder(input.seed));
  const tried = [linear];
  if (strategy === 'auto' && linear.crossLeafBytes > 0) {
    for (const { name, order } of sortedOrders(input)) tried.push(ground.measure(name, ground.fill(order)));
    tried.push(ground.measure('packed', ground.pack()));
  }
  let best = linear;
  for (const t of tried) if (fewer(t, best)) best = t;
  const placement: Placement = {
    strategy: Array.isArray(strategy) ? 'rank map' : best.strategy,
    host: Int32Array.from(best.host),
    endpointOf: table.endpointOf,
    lanes: table.lanes,
    gpusPerNode: layout.gpusPerNode,
  };
  const report: PlacementReport = {
    strategy: placement.strategy,
    networkBytes: ground.networkBytes,
    crossLeafBytes: best.crossLeafBytes,
    crossPodBytes: best.crossPodBytes,
    linear: linear.crossLeafBytes,
    random: random.crossLeafBytes,
    gain: saved(best.crossLeafBytes, linear.crossLeafBytes),
    gainOverRandom: saved(best.crossLeafBytes, random.crossLeafBytes),
    tried: tried.map(({ strategy: name, crossLeafBytes, crossPodBytes }) => ({
      strategy: name,
      crossLeafBytes,
      crossPodBytes,
    })),
  };
  return ok({ placement, report }, chosen.issues);
}

interface Measured {
  readonly strategy: string;
  /** Host of each virtual node. */
  readonly host: Int32Array;
  readonly crossLeafBytes: number;
  readonly crossPodBytes: number;
}

/** What every candidate is measured on: who talks to whom, and which hosts stand together. */
class Ground {
  readonly networkBytes: number;
  readonly #demand: Demand;
  readonly #group: Int32Array;
  readonly #pod: Int32Array;
  readonly #given: Int32Array;
  /** The hosts sorted so that those of a leaf, then those of a pod, follow one another. */
  readonly #sorted: Int32Array;
  readonly #nodes: number;

  constructor(input: PlaceInput, hosts: Int32Array) {
    this.#demand = nodeDemand(input.transfers, input.layout, 'step');
    let sum = 0;
    for (let k = 0; k < this.#demand.bytes.length; k++) sum += this.#demand.bytes[k]!;
    this.networkBytes = sum;
    const { group, pod } = leafGroups(input.fabric);
    this.#group = group;
    this.#pod = pod;
    this.#given = hosts;
    this.#sorted = hosts.slice().sort((x, y) => pod[x]! - pod[y]! || group[x]! - group[y]! || x - y);
    this.#nodes = input.layout.nodes;
  }

  measure(strategy: string, host: Int32Array): Measured {
    const { start, column, bytes } = this.#demand;
    let crossLeafBytes = 0;
    let crossPodBytes = 0;
    for (let i = 0; i < this.#nodes; i++) {
      const group = this.#group[host[i]!]!;
      const pod = this.#pod[host[i]!]!;
      for (let k = start[i]!; k < start[i + 1]!; k++) {
        const other = host[column[k]!]!;
        if (this.#group[other] === group) continue;
        crossLeafBytes += bytes[k]!;
        if (this.#pod[other] !== pod) crossPodBytes += bytes[k]!;
      }
    }
    return { strategy, host, crossLeafBytes, crossPodBytes };
  }

  /** Hosts for virtual nodes that take the sorted hosts in this order. */
  fill(order: ArrayLike<number>): Int32Array {
    const host = new Int32Array(this.#nodes);
    for (let i = 0; i < this.#nodes; i++) host[order[i]!] = this.#sorted[i]!;
    return host;
  }

  pack(): Int32Array {
    const seats = this.#sorted.subarray(0, this.#nodes);
    const sizes: number[] = [];
    for (let i = 0; i < seats.length; i++) {
      if (i > 0 && this.#group[seats[i]!] === this.#group[seats[i - 1]!]) sizes[sizes.length - 1]!++;
      else sizes.push(1);
    }
    return this.fill(packedOrder(this.#demand, sizes));
  }

  randomOrder(seed: number): Int32Array {
    const host = this.#given.slice(0, this.#nodes);
    stream(seed, 'placement', 0).shuffle(host);
    return host;
  }
}

/** Virtual nodes sorted by each order of the dimensions, the first of an order slowest. */
function sortedOrders(input: PlaceInput): { readonly name: string; readonly order: Float64Array }[] {
  const { layout } = input;
  const varying = input.dimensions.filter((d) => d.size > 1).slice(0, MOST_DIMENSIONS);
  const first = new Int32Array(layout.nodes).fill(-1);
  for (let at = 0; at < layout.rankAt.length; at++) {
    const node = Math.floor(at / layout.gpusPerNode);
    if (first[node] === -1) first[node] = layout.rankAt[at]!;
  }
  return permutations(varying).map((dimensions) => {
    const key = new Float64Array(layout.nodes);
    for (let n = 0; n < layout.nodes; n++) {
      let k = 0;
      for (const d of dimensions) k = k * d.size + (Math.floor(first[n]! / d.stride) % d.size);
      // The node itself breaks ties, and is read back from the sorted key.
      key[n] = k * layout.nodes + n;
    }
    key.sort();
    for (let i = 0; i < key.length; i++) key[i] = key[i]! % layout.nodes;
    return { name: `by ${dimensions.map((d) => d.name).join(', ')}`, order: key };
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return items.length === 1 ? [[items[0]!]] : [];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

function fewer(a: Measured, b: Measured): boolean {
  if (a.crossLeafBytes !== b.crossLeafBytes) return a.crossLeafBytes < b.crossLeafBytes;
  return a.crossPodBytes < b.crossPodBytes;
}

function saved(bytes: number, naive: number): number {
  return naive > 0 ? 1 - bytes / naive : 0;
}
