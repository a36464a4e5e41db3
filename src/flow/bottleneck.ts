import type { Catalog, NodeShape, Transport } from '../catalog/types.ts';
import { linkName } from '../fabric/names.ts';
import type { Fabric } from '../fabric/types.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { type Transfers, Via } from '../traffic/types.ts';
import type { OperationKind } from '../workload/types.ts';
import type { LinkLoad } from './types.ts';

/**
 * The bottleneck model: one invocation of an operation takes as long as its busiest resource, and then the latency
 * of its rounds. All groups run at once; bytes are spread evenly over that time.
 *
 *   t = max(nic, link, sharing, scale-up) + rounds * latency
 *   nic      = bytes of the busiest NIC, one direction / (line rate * efficiency of the kind)
 *   link     = bytes of the busiest link between switches / line rate (times the adaptive efficiency under adaptive)
 *   sharing  = the last flow's end under max-min sharing, where flows are of different sizes (profile/sharing.ts)
 *   scale-up = bytes into or out of the busiest GPU inside its node / achievable rate
 *
 * What a NIC loses (headers, pacing, PCIe) it loses before the wire, so a switch forwards at line rate. The
 * efficiencies are calibrated (catalog: network.efficiency.*); valid for messages large enough to hide start-up.
 * Example: all-to-all on 32 H800 in 4 nodes, 16 GiB a GPU: 24/32 of it leaves by the NIC at 0.89 * 50 GB/s,
 * 0.2895 s, which is 59.3 GB/s of algorithm bandwidth (published: 58.9).
 */
export interface OperationTime {
  /** One invocation, latency included. */
  readonly seconds: number;
  /** The resource that binds: 'nic', 'scale-up', 'latency', or 'link ' and its name; 'sharing': flows of one another. */
  readonly bound: string;
}

/** The parts of one invocation that no routing changes, seconds. */
export interface FixedCosts {
  readonly nic: number;
  readonly scaleUp: number;
  readonly latency: number;
}

/** Seconds that an invocation moves bytes; `sharing` counts where it is more than rounding. */
export function busySeconds({ nic, scaleUp }: FixedCosts, linkSeconds: number, sharing: number): number {
  const busiest = Math.max(nic, scaleUp, linkSeconds);
  return sharing > busiest * (1 + HAIR) ? sharing : busiest;
}

/** `linkSeconds` of the busiest link between switches, which is `link`; `sharing` as above, 0 where it adds nothing. */
export function operationTime(
  fabric: Fabric,
  fixed: FixedCosts,
  linkSeconds: number,
  link: number,
  sharing: number,
): OperationTime {
  const busiest = Math.max(fixed.nic, fixed.scaleUp, linkSeconds);
  const seconds = busySeconds(fixed, linkSeconds, sharing);
  return { seconds: seconds + fixed.latency, bound: boundOf() };

  function boundOf(): string {
    if (fixed.latency > seconds) return 'latency';
    if (seconds > busiest) return 'sharing';
    // On a tie the resource nearer to the GPU is named: relieving the farther one would gain nothing.
    if (busiest === fixed.scaleUp) return 'scale-up';
    return busiest === fixed.nic ? 'nic' : `link ${linkName(fabric, link)}`;
  }
}

/** Share of a NIC's line rate that an operation's payload reaches: rings have a calibration of their own, trees less. */
export function nicEfficiency(
  kind: OperationKind,
  algorithm: Transfers['algorithm'],
  catalog: Catalog,
): number {
  const ring = kind === 'all-reduce' || kind === 'reduce-scatter' || kind === 'all-gather';
  if (!ring) return catalog.get('network.efficiency.all-to-all').value;
  const share = algorithm === 'tree' ? catalog.get('nccl.tree.simple.rate').value : 1;
  return share * catalog.get('network.efficiency.ring').value;
}

/**
 * Seconds for a small message over so many switches: host part + switches * (switch and cable). Calibrated on one and
 * three switches; five (a third layer) is a prediction.
 */
export function latency(transport: Transport, switchHops: number, catalog: Catalog): number {
  return (
    catalog.get(`${transport}.latency.host`).value +
    switchHops * catalog.get(`${transport}.latency.switch`).value
  );
}

/**
 * Latency of one invocation: each round waits for a message over the longest way, and where bytes change
 * over between indexes of a node also for one over the scale-up network. `switchHops` 0: nothing leaves a node.
 */
export function roundsLatency(
  transfers: Transfers,
  switchHops: number,
  transport: Transport,
  catalog: Catalog,
): number {
  if (transfers.count === 0) return 0;
  const scaleUp = catalog.get('scale-up.latency').value;
  if (switchHops === 0) return transfers.rounds * scaleUp;
  const forwarded = transfers.operation.forwarding !== 'none' && transfers.via.includes(Via.scaleUp);
  return transfers.rounds * (latency(transport, switchHops, catalog) + (forwarded ? scaleUp : 0));
}

/** Bytes between ranks of one node beyond an operation's own transfers; a rank of -1 is no GPU of the job. */
export interface InsideNode {
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly bytes: Float64Array;
}

/** Bytes into or out of the busiest GPU inside its node, over its achievable rate. O(transfers + ranks). */
export function scaleUpSeconds(
  transfers: Transfers,
  more: InsideNode | null,
  ranks: number,
  node: NodeShape,
): number {
  const out = new Float64Array(ranks);
  const into = new Float64Array(ranks);
  for (let t = 0; t < transfers.count; t++) {
    if (transfers.via[t] !== Via.scaleUp) continue;
    out[transfers.from[t]!]! += transfers.bytes[t]!;
    into[transfers.to[t]!]! += transfers.bytes[t]!;
  }
  for (let k = 0; more !== null && k < more.count; k++) {
    out[more.from[k]!]! += more.bytes[k]!;
    if (more.to[k]! >= 0) into[more.to[k]!]! += more.bytes[k]!;
  }
  let most = 0;
  for (let r = 0; r < ranks; r++) most = Math.max(most, out[r]!, into[r]!);
  return most / node.scaleUpAchievable;
}

/** Seconds at line rate of the busiest link of a set, and the link (lowest id; -1 when nothing is loaded). O(links). */
export function busiest(
  fabric: Fabric,
  load: LinkLoad,
  links: Uint32Array,
): { seconds: number; link: number } {
  let seconds = 0;
  let link = -1;
  for (let i = 0; i < links.length; i++) {
    const l = links[i]!;
    const s = load[l]! / fabric.linkRate[l]!;
    if (s > seconds) {
      seconds = s;
      link = l;
    }
  }
  return { seconds, link };
}
