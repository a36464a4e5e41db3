import type { Catalog } from '../catalog/types.ts';
import type { Fabric, Placement } from '../fabric/types.ts';
import {
  type FixedCosts,
  type InsideNode,
  nicEfficiency,
  roundsLatency,
  scaleUpSeconds,
} from '../flow/bottleneck.ts';
import { nicLoads } from '../flow/nics.ts';
import type { FlowLoads } from '../flow/types.ts';
import { type RankLayout, type Transfers, Via } from '../traffic/types.ts';
import { endpointOfRank } from './ranks.ts';
import type { ProfileInput } from './types.ts';

/** By operation: what NICs, the scale-up network and latency cost one invocation, whatever the routing. O(flows). */
export function fixedCosts(
  input: ProfileInput,
  engine: FlowLoads,
  catalog: Catalog,
): (FixedCosts & { switchHops: number })[] {
  const { fabric, transfers, layout, placement, node } = input;
  const { seconds } = nicLoads(engine);
  const scaleUp = catalog.get('scale-up.latency').value;
  const planes = fabric.planes > 1 ? planesOf(fabric, layout, placement) : null;
  return transfers.map((t, o) => {
    const nic = seconds[o]!;
    const switchHops = longestWay(engine, o);
    const crossing = planes === null ? null : crossPlaneBytes(planes, placement.lanes, layout, t);
    const changes = crossing !== null && crossing.count > 0 ? t.rounds * scaleUp : 0;
    return {
      nic: nic / nicEfficiency(t.operation.kind, t.algorithm, catalog),
      scaleUp: scaleUpSeconds(t, crossing, layout.ranks, node),
      latency: roundsLatency(t, switchHops, fabric.transport, catalog) + changes,
      switchHops,
    };
  });
}

/** Switches on the longest way of an operation's flows: 1 under one leaf, 0 when none has a way. */
function longestWay(engine: FlowLoads, operation: number): number {
  const { flows, hops, leaving } = engine;
  const [all, end] = engine.rangeOf(operation);
  const from = leaving.start[operation]!;
  const to = leaving.start[operation + 1]!;
  let most = to - from < end - all ? 1 : 0;
  let src = -1;
  let dst = -1;
  for (let i = from; i < to; i++) {
    const f = leaving.flow[i]!;
    const a = hops.leafOf[flows.src[f]!]!;
    const b = hops.leafOf[flows.dst[f]!]!;
    // Neighbours in the list often share their leaves.
    if (a === src && b === dst) continue;
    src = a;
    dst = b;
    most = Math.max(most, hops.switchHops(flows.src[f]!, flows.dst[f]!));
  }
  return most;
}

/** Plane of the endpoint that each rank sends through in each lane, at rank * lanes + lane; -1 where there is none. */
function planesOf(fabric: Fabric, layout: RankLayout, placement: Placement): Int32Array {
  const { lanes } = placement;
  const planes = new Int32Array(layout.ranks * lanes);
  for (let r = 0; r < layout.ranks; r++) {
    for (let lane = 0; lane < lanes; lane++)
      planes[r * lanes + lane] = fabric.plane[endpointOfRank(layout, placement, r, lane)] ?? -1;
  }
  return planes;
}

/**
 * Bytes of one invocation that change over inside the sender's node because the planes of the NICs differ: the rank of
 * the destination's index takes them, as in projectFlows. O(transfers * lanes).
 */
function crossPlaneBytes(planes: Int32Array, lanes: number, layout: RankLayout, t: Transfers): InsideNode {
  const from: number[] = [];
  const to: number[] = [];
  const bytes: number[] = [];
  for (let k = 0; k < t.count; k++) {
    if (t.via[k] !== Via.network) continue;
    const a = t.from[k]!;
    const b = t.to[k]!;
    for (let lane = 0; lane < lanes; lane++) {
      if (planes[a * lanes + lane] === planes[b * lanes + lane]) continue;
      from.push(a);
      to.push(layout.rankAt[layout.node[a]! * layout.gpusPerNode + layout.index[b]!]!);
      bytes.push(t.bytes[k]! / lanes);
    }
  }
  return {
    count: from.length,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    bytes: Float64Array.from(bytes),
  };
}
