import type { Transport } from '../catalog/types.ts';
import { type Fabric, NodeKind } from './types.ts';

/** One node as a generator or an importer describes it. */
export interface NodeInput {
  readonly name: string;
  readonly kind: number;
  /** 0 endpoint, 1 leaf, 2 spine, 3 core. */
  readonly tier: number;
  readonly plane: number;
  readonly guid?: string;
  readonly lid?: number;
  readonly portGuid?: string;
}

/** One cable between two nodes, by node id; ports are 1-based as the switch counts. */
export interface CableInput {
  readonly a: number;
  readonly aPort: number;
  readonly b: number;
  readonly bPort: number;
  /** Bytes per second, each direction. */
  readonly rate: number;
  readonly alive?: boolean;
  /** Seconds, as in Fabric.linkLatency; on all cables or on none. */
  readonly latency?: number;
}

export interface FabricInput {
  readonly name: string;
  readonly transport: Transport;
  readonly planes: number;
  readonly layers: number;
  /** Endpoints first, then switches. */
  readonly nodes: readonly NodeInput[];
  readonly cables: readonly CableInput[];
  readonly hostNames: readonly string[];
  /** Host and NIC index of each endpoint, in node order. */
  readonly hostOf: ArrayLike<number>;
  readonly nicOf: ArrayLike<number>;
  /** As in Fabric; 0 unless given. */
  readonly lmc?: number;
}

/**
 * Lays a list of nodes and cables out as the structure of arrays that everything reads: links of a node stand
 * together in port order. O(nodes + cables log ports). Names and ports must be unique where they meet; the
 * caller has checked its input.
 */
export function buildFabric(input: FabricInput): Fabric {
  const n = input.nodes.length;
  const links = 2 * input.cables.length;
  const endpoints = input.hostOf.length;
  const linkStart = new Uint32Array(n + 1);
  for (const c of input.cables) {
    linkStart[c.a + 1]!++;
    linkStart[c.b + 1]!++;
  }
  for (let i = 0; i < n; i++) linkStart[i + 1]! += linkStart[i]!;

  const order = portOrder(input.cables, linkStart, links);
  const linkFrom = new Uint32Array(links);
  const linkTo = new Uint32Array(links);
  const linkReverse = new Uint32Array(links);
  const linkPort = new Uint16Array(links);
  const linkRate = new Float64Array(links);
  const linkDirection = new Int8Array(links);
  const linkAlive = new Uint8Array(links);
  const linkLatency = input.cables.some((c) => c.latency !== undefined) ? new Float64Array(links) : null;
  for (let c = 0; c < input.cables.length; c++) {
    const cable = input.cables[c]!;
    const ab = order[2 * c]!;
    const ba = order[2 * c + 1]!;
    const up = Math.sign(input.nodes[cable.b]!.tier - input.nodes[cable.a]!.tier);
    const alive = cable.alive === false ? 0 : 1;
    linkFrom[ab] = linkTo[ba] = cable.a;
    linkTo[ab] = linkFrom[ba] = cable.b;
    linkReverse[ab] = ba;
    linkReverse[ba] = ab;
    linkPort[ab] = cable.aPort;
    linkPort[ba] = cable.bPort;
    linkRate[ab] = linkRate[ba] = cable.rate;
    linkDirection[ab] = up;
    linkDirection[ba] = -up;
    linkAlive[ab] = linkAlive[ba] = alive;
    if (linkLatency !== null) linkLatency[ab] = linkLatency[ba] = cable.latency ?? 0;
  }
  const known = input.nodes.some((x) => x.guid !== undefined);
  return {
    name: input.name,
    transport: input.transport,
    nodes: n,
    endpoints,
    planes: input.planes,
    layers: input.layers,
    kind: Uint8Array.from(input.nodes, (x) => x.kind),
    tier: Uint8Array.from(input.nodes, (x) => x.tier),
    plane: Uint16Array.from(input.nodes, (x) => x.plane),
    names: input.nodes.map((x) => x.name),
    guid: known ? input.nodes.map((x) => x.guid ?? '') : null,
    lid: known ? Uint32Array.from(input.nodes, (x) => x.lid ?? 0) : null,
    portGuid: input.nodes.some((x) => x.portGuid !== undefined)
      ? input.nodes.map((x) => x.portGuid ?? '')
      : null,
    lmc: input.lmc ?? 0,
    links,
    linkStart,
    linkFrom,
    linkTo,
    linkReverse,
    linkPort,
    linkRate,
    linkDirection,
    linkAlive,
    linkLatency,
    hosts: {
      count: input.hostNames.length,
      names: input.hostNames,
      of: Int32Array.from(input.hostOf),
      nic: Int16Array.from(input.nicOf),
    },
  };
}

/** Link id of each cable's two directions (2c: a to b, 2c + 1: b to a), ports ascending within a node. */
function portOrder(cables: readonly CableInput[], linkStart: Uint32Array, links: number): Uint32Array {
  const next = linkStart.slice();
  const slots = new Uint32Array(links);
  const portOf = (half: number) => (half & 1 ? cables[half >> 1]!.bPort : cables[half >> 1]!.aPort);
  for (let half = 0; half < links; half++) {
    const c = cables[half >> 1]!;
    slots[next[half & 1 ? c.b : c.a]!++] = half;
  }
  const order = new Uint32Array(links);
  for (let node = 0; node + 1 < linkStart.length; node++) {
    const here = slots.subarray(linkStart[node]!, linkStart[node + 1]!);
    here.sort((x, y) => portOf(x) - portOf(y) || x - y);
    for (let i = 0; i < here.length; i++) order[here[i]!] = linkStart[node]! + i;
  }
  return order;
}

export function isSwitch(fabric: Fabric, node: number): boolean {
  return fabric.kind[node] === NodeKind.switch;
}

/** True when no live link leaves the node: a failed switch, which no table is for. */
export function isCutOff(fabric: Fabric, node: number): boolean {
  for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++)
    if (fabric.linkAlive[l] === 1) return false;
  return true;
}
