import type { Catalog } from '../catalog/types.ts';
import { latency } from '../flow/bottleneck.ts';
import { hash4 } from '../numeric/random.ts';
import type { Costs, Network, Ways } from './network.ts';
import { loadOf } from './network.ts';

/** One path a flow and a lossless network, or packets sprayed over all paths at the receiver's pace. */
export type Transport = 'lossless' | 'spray';

export function noCosts(messages: number): Costs {
  return { efficiency: 1, startUp: new Float64Array(messages) };
}

/**
 * What packets cost beside the fluid: a flow takes t = alpha + bytes / (eta x rate), rates as the fluid (or its back-pressure) has them.
 *
 *   alpha = 2 x latency of the way (the last byte there, its acknowledgement back)
 *         + a packet's serialisation at each hop after the first
 *         + for sprayed packets the backlog of a link that is busy all the time:
 *           u x p x A x ln(1 + n / N) x (1 + W x (2 q - 1))
 *
 * n packets of the flow on a port, p a packet's time there, u the load of the busiest switch link on the way relative to the
 * busiest link of all, q a uniform draw of the flow: packets that choose their ways by chance meet, and what queues so
 * grows with the logarithm of the message. eta, A, N and W are calibrated on packet simulations of one fabric (catalog:
 * simulate.*); latency is the fabric's own where its file says it, else the transport's of the catalog.
 */
export function packetCosts(
  network: Network,
  ways: Ways,
  transport: Transport,
  seed: number,
  catalog: Catalog,
): Costs {
  const { fabric, schedule, planes } = network;
  const mtu = catalog.get('simulate.packet').value;
  const startUp = new Float64Array(schedule.flows.count);
  const busy = transport === 'spray' ? relativeLoads(network, ways) : null;
  const sent = new Int32Array(schedule.flows.count).fill(-1);
  const spray = sprayLaw(catalog);
  for (let i = 0; i < ways.parts; i++) {
    const p = ways.path[i]!;
    if (p < 0) continue;
    const message = ways.message[i]!;
    const { start, link, share } = ways.paths;
    const first = link[start[p]!]!;
    const packet = mtu / fabric.linkRate[first]!;
    let travel = 0;
    let busiest = 0;
    for (let k = start[p]!; k < start[p + 1]!; k++) {
      const l = link[k]!;
      const part = share?.[k] ?? 1;
      travel += 2 * part * (fabric.linkLatency?.[l] ?? 0);
      if (l !== first) travel += (part * mtu) / fabric.linkRate[l]!;
      if (busy !== null && fabric.linkTo[l]! >= fabric.endpoints && l !== first)
        busiest = Math.max(busiest, busy[l]!);
    }
    if (fabric.linkLatency === null) {
      const f = ways.planeFlow[i]!;
      const hops = network.hops.switchHops(planes.flows.src[f]!, planes.flows.dst[f]!);
      travel += 2 * latency(fabric.transport, hops, catalog);
    }
    const backlog = busiest * packet * spray(ways.bytes[i]! / mtu, draw(seed, message));
    if (sent[message]! < 0 || travel + backlog > startUp[message]!) startUp[message] = travel + backlog;
    sent[message] = i;
  }
  return { efficiency: catalog.get(`simulate.${transport}.efficiency`).value, startUp };
}

/** Packets that queue before a flow of so many, by its draw. */
function sprayLaw(catalog: Catalog): (packets: number, draw: number) => number {
  const scale = catalog.get('simulate.spray.backlog').value;
  const onset = catalog.get('simulate.spray.onset').value;
  const spread = catalog.get('simulate.spray.spread').value;
  return (packets, at) => scale * Math.log(1 + packets / onset) * (1 + spread * (2 * at - 1));
}

/** Uniform in (0, 1), of a flow. */
function draw(seed: number, message: number): number {
  return (hash4(seed, message, 0x5b4a, 0) + 0.5) / 4294967296;
}

/** Seconds of each link for its bytes, over those of the busiest link. */
function relativeLoads({ fabric }: Network, ways: Ways): Float64Array {
  const load = loadOf(ways, fabric.links);
  let most = 0;
  for (let l = 0; l < load.length; l++) {
    load[l]! /= fabric.linkRate[l]!;
    most = Math.max(most, load[l]!);
  }
  return most > 0 ? load.map((x) => x / most) : load;
}
