import { buildDemand } from '../traffic/demand.ts';
import { type Demand, type RankLayout, type Transfers, Via } from '../traffic/types.ts';
import { leavesOf } from './detect.ts';
import type { Fabric, Flows, Placement, ScopeBytes } from './types.ts';

export interface ProjectInput {
  readonly fabric: Fabric;
  readonly layout: RankLayout;
  readonly placement: Placement;
  readonly transfers: readonly Transfers[];
}

export interface Projection {
  readonly flows: Flows;
  /** One entry an operation, in order; all bytes are of one step. */
  readonly scopes: readonly ScopeBytes[];
}

/**
 * Puts the transfers of one step on the fabric: rank to rank becomes endpoint to endpoint, bytes times invocations,
 * split evenly over lanes. Where source and destination hang on different planes the bytes change over inside the
 * sender's node, to its NIC on the destination's plane (that of the destination's index if it is there), and count
 * as crossPlane. Bytes are conserved: intraLeaf + crossLeaf = network bytes. O(transfers x lanes).
 */
export function projectFlows(input: ProjectInput): Projection {
  const { layout, placement, transfers } = input;
  const { lanes, host } = placement;
  let limit = 0;
  for (const { via, count } of transfers)
    for (let k = 0; k < count; k++) if (via[k] === Via.network) limit += lanes;
  const src = new Int32Array(limit);
  const dst = new Int32Array(limit);
  const bytes = new Float64Array(limit);
  const operation = new Uint16Array(limit);
  const invocations = new Float64Array(limit);
  const leaf = leavesOf(input.fabric);
  const home = endpointsOfRanks(layout, placement);
  const { plane } = input.fabric;
  const scopes: ScopeBytes[] = [];
  let count = 0;
  for (let o = 0; o < transfers.length; o++) {
    const { count: entries, from, to, via, stage, bytes: each, operation: of } = transfers[o]!;
    let intraNode = 0;
    let intraLeaf = 0;
    let crossLeaf = 0;
    let crossPlane = 0;
    for (let k = 0; k < entries; k++) {
      const times = of.count[stage[k]!]!;
      const all = each[k]! * times;
      if (via[k] !== Via.network) {
        intraNode += all;
        continue;
      }
      const a = from[k]!;
      const b = to[k]!;
      const share = all / lanes;
      for (let lane = 0; lane < lanes; lane++) {
        const there = home[b * lanes + lane]!;
        let here = home[a * lanes + lane]!;
        if (plane[here] !== plane[there]) {
          const other = nicOnPlane(input, host[layout.node[a]!]!, layout.index[b]!, lane, plane[there]!);
          if (other >= 0) {
            here = other;
            crossPlane += share;
          }
        }
        src[count] = here;
        dst[count] = there;
        bytes[count] = share;
        operation[count] = o;
        invocations[count++] = times;
        if (leaf[here] === leaf[there]) intraLeaf += share;
        else crossLeaf += share;
      }
    }
    scopes.push({ operation: of.id, intraNode, intraLeaf, crossLeaf, crossPlane });
  }
  return {
    flows: {
      count,
      src,
      dst,
      bytes,
      operation,
      invocations,
      operations: transfers.map((t) => t.operation.id),
    },
    scopes,
  };
}

/** Endpoint of each rank and lane, at rank * lanes + lane. */
function endpointsOfRanks(layout: RankLayout, placement: Placement): Int32Array {
  const { lanes, gpusPerNode, host, endpointOf } = placement;
  const home = new Int32Array(layout.ranks * lanes);
  for (let rank = 0; rank < layout.ranks; rank++) {
    const from = (host[layout.node[rank]!]! * gpusPerNode + layout.index[rank]!) * lanes;
    for (let lane = 0; lane < lanes; lane++) home[rank * lanes + lane] = endpointOf[from + lane]!;
  }
  return home;
}

/** Endpoint of a host on a plane: that of the wanted GPU index and lane if it is there, else the first; -1: none. */
function nicOnPlane(
  { fabric, placement }: ProjectInput,
  host: number,
  index: number,
  lane: number,
  plane: number,
): number {
  const { endpointOf, lanes, gpusPerNode } = placement;
  const first = host * gpusPerNode * lanes;
  const wanted = endpointOf[first + index * lanes + lane]!;
  if (fabric.plane[wanted] === plane) return wanted;
  for (let i = 0; i < gpusPerNode * lanes; i++)
    if (fabric.plane[endpointOf[first + i]!] === plane) return endpointOf[first + i]!;
  return -1;
}

/** Ids of the leaf switches in node order: row i of a leaf-level demand is leaf i of this list. */
export function leafNodes(fabric: Fabric): Int32Array {
  const leaves: number[] = [];
  for (let n = fabric.endpoints; n < fabric.nodes; n++) if (fabric.tier[n] === 1) leaves.push(n);
  return Int32Array.from(leaves);
}

/**
 * What the network carries in a step as a sparse matrix: between endpoints ('nic', rows in node order), planes, or
 * leaves (rows as in leafNodes). `operation`: an id, or 'step' for all. Every level holds the same bytes; endpoints
 * without a leaf are left out of the leaf level. O(flows + rows).
 */
export function flowDemand(
  fabric: Fabric,
  flows: Flows,
  level: 'nic' | 'plane' | 'leaf',
  operation = 'step',
): Demand {
  const rowOf = level === 'nic' ? null : level === 'plane' ? fabric.plane : leafRows(fabric);
  const only = operation === 'step' ? -1 : flows.operations.indexOf(operation);
  if (only < 0 && operation !== 'step') throw new Error(`no operation ${operation} in these flows`);
  const rows =
    level === 'nic' ? fabric.endpoints : level === 'plane' ? fabric.planes : leafNodes(fabric).length;
  const row = new Int32Array(flows.count);
  const column = new Int32Array(flows.count);
  const bytes = new Float64Array(flows.count);
  let count = 0;
  for (let f = 0; f < flows.count; f++) {
    if (only >= 0 && flows.operation[f] !== only) continue;
    const r = rowOf ? rowOf[flows.src[f]!]! : flows.src[f]!;
    const c = rowOf ? rowOf[flows.dst[f]!]! : flows.dst[f]!;
    if (r < 0 || c < 0) continue;
    row[count] = r;
    column[count] = c;
    bytes[count++] = flows.bytes[f]!;
  }
  return buildDemand(level, operation, rows, { count, row, column, bytes });
}

/** Row of each endpoint's leaf among the leaves, length endpoints. */
function leafRows(fabric: Fabric): Int32Array {
  const rowOfNode = new Int32Array(fabric.nodes).fill(-1);
  leafNodes(fabric).forEach((node, i) => {
    rowOfNode[node] = i;
  });
  return leavesOf(fabric).map((leaf) => (leaf < 0 ? -1 : rowOfNode[leaf]!));
}
