import type { Fabric, Flows } from '../../src/fabric/types.ts';
import { flowPaths } from '../../src/flow/paths.ts';
import type { FluidSystem } from '../../src/fluid/types.ts';
import { stream } from '../../src/numeric/random.ts';
import type { NextHops, TableRoutes } from '../../src/routes/types.ts';
import { multiPlane } from './networks.ts';

const PLANES = 8;
const GROUP = 64;
const EXPERTS = 256;
/** Bytes that a rank dispatches a layer: 4,096 tokens to 8 experts, 7,168 values of one byte. */
const DISPATCHED = 4096 * 8 * 7168;
const GRADIENTS = 1e9;
/** Achieved by a GPU, one way. */
const SCALE_UP = 160e9;

export interface ExpertRings {
  readonly fabric: Fabric;
  /** Between nodes. */
  readonly flows: Flows;
  /** Inside nodes, by GPU. */
  readonly inside: Flows;
}

/**
 * The dispatch of expert groups of 64 ranks on eight planes, experts chosen by Zipf's law (exponent 1.1) in an order of each
 * group's own and each sender's share its own, so that hardly two flows are of one size; and a ring over the ranks of one
 * position in all groups, for each position. Bytes to a rank go by the sender's NIC on that rank's plane, those to a rank of
 * the same node over the scale-up network. 64 flows a GPU: 1,048,576 on 16,384.
 */
export function expertRings(gpus: number): ExpertRings {
  const fabric = multiPlane({ gpus, planes: PLANES, ports: 64, rate: 50e9 });
  const nic = new Int32Array(gpus);
  for (let e = 0; e < fabric.endpoints; e++) nic[fabric.hosts.of[e]! * PLANES + fabric.plane[e]!] = e;
  const between = emptyFlows(gpus * (GROUP - PLANES + 1));
  const inside = emptyFlows(gpus * (PLANES - 1));
  let n = 0;
  let m = 0;
  for (let g = 0; g < gpus / GROUP; g++) {
    const random = stream(1, 'experts', g);
    const popularity = ranksPopularity(g);
    for (let a = 0; a < GROUP; a++) {
      for (let b = 0; b < GROUP; b++) {
        const bytes = DISPATCHED * popularity[b]! * (0.5 + random.uniform());
        const from = g * GROUP + a;
        const to = g * GROUP + b;
        const node = from - (from % PLANES);
        if (node !== to - (to % PLANES)) set(between, n++, nic[node + (b % PLANES)]!, nic[to]!, bytes);
        else if (from !== to) set(inside, m++, from, to, bytes);
      }
    }
  }
  const random = stream(1, 'rings');
  for (let a = 0; a < gpus; a++) {
    set(between, n++, nic[a]!, nic[(a + GROUP) % gpus]!, GRADIENTS * (1 + random.uniform()));
  }
  return { fabric, flows: between, inside };
}

/** All of it on destination-modulo tables; a GPU has a link into the scale-up network and one out of it. */
export function expertRingsSystem(
  { fabric, flows, inside }: ExpertRings,
  hops: NextHops,
  tables: TableRoutes,
): FluidSystem {
  const { paths, path } = flowPaths(fabric, hops, flows, tables);
  const gpus = fabric.endpoints;
  const capacity = new Float64Array(fabric.links + 2 * gpus).fill(SCALE_UP);
  capacity.set(fabric.linkRate);
  const start = new Uint32Array(paths.count + inside.count + 1);
  const link = new Uint32Array(paths.link.length + 2 * inside.count);
  start.set(paths.start);
  link.set(paths.link);
  for (let f = 0; f < inside.count; f++) {
    const at = start[paths.count + f]!;
    link[at] = fabric.links + inside.src[f]!;
    link[at + 1] = fabric.links + gpus + inside.dst[f]!;
    start[paths.count + f + 1] = at + 2;
  }
  const count = flows.count + inside.count;
  const bytes = new Float64Array(count);
  bytes.set(flows.bytes);
  bytes.set(inside.bytes, flows.count);
  const pathOf = Int32Array.from({ length: count }, (_, f) =>
    f < flows.count ? path[f]! : paths.count + f - flows.count,
  );
  return {
    capacity,
    paths: { count: paths.count + inside.count, start, link, share: null },
    flows: { count, path: pathOf, bytes, phase: null, offset: null, weight: null },
    phases: null,
    changes: [],
  };
}

function emptyFlows(count: number): Flows {
  return {
    count,
    src: new Int32Array(count),
    dst: new Int32Array(count),
    bytes: new Float64Array(count),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: ['all'],
  };
}

function set({ src, dst, bytes }: Flows, f: number, from: number, to: number, size: number): void {
  src[f] = from;
  dst[f] = to;
  bytes[f] = size;
}

/** Share of a group's tokens that goes to each of its ranks, four experts a rank. */
function ranksPopularity(group: number): Float64Array {
  const order = Int32Array.from({ length: EXPERTS }, (_, i) => i);
  stream(1, 'popularity', group).shuffle(order);
  const share = new Float64Array(GROUP);
  let sum = 0;
  for (let i = 0; i < EXPERTS; i++) {
    const weight = Math.exp(-1.1 * Math.log(i + 1));
    share[order[i]! % GROUP]! += weight;
    sum += weight;
  }
  return share.map((x) => x / sum);
}
