import { type Fabric, type Flows, NodeKind } from './types.ts';

/** NICs as a host has them: one with a port on every plane is one NIC of several endpoints. */
export interface Nics {
  readonly count: number;
  /** CSR, length count + 1: NIC n has endpoint[start[n]] to endpoint[start[n + 1]], by plane. */
  readonly start: Uint32Array;
  readonly endpoint: Int32Array;
  /** NIC of each endpoint, -1 for aggregators; length endpoints. */
  readonly of: Int32Array;
}

/** Workload endpoints gathered by (host, NIC), NICs by their first endpoint. O(endpoints). */
export function nicsOf(fabric: Fabric): Nics {
  const of = new Int32Array(fabric.endpoints).fill(-1);
  const known = new Map<number, number>();
  const members: number[][] = [];
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.kind[e] !== NodeKind.endpoint) continue;
    const host = fabric.hosts.of[e]!;
    const key = host * 32768 + fabric.hosts.nic[e]!;
    let nic = host < 0 ? undefined : known.get(key);
    if (nic === undefined || members[nic]!.some((m) => fabric.plane[m] === fabric.plane[e])) {
      nic = members.length;
      members.push([]);
      known.set(key, nic);
    }
    members[nic]!.push(e);
    of[e] = nic;
  }
  const start = new Uint32Array(members.length + 1);
  for (const [n, list] of members.entries()) start[n + 1] = start[n]! + list.length;
  return { count: members.length, start, endpoint: Int32Array.from(members.flat()), of };
}

/** Flows between endpoints that carry flows between NICs, and which carries which. */
export interface PlaneParts {
  readonly flows: Flows;
  /** Flow between NICs of each part, ascending; length flows.count. */
  readonly of: Int32Array;
}

/**
 * Flows between NICs, each named by any of its endpoints, spread over the planes that both have a live port on (and that
 * are `joined`), by the rate of the slower of the two ports. Where there is no such plane the flow stays as it is, and
 * whoever routes it finds no way. O(flows * planes).
 */
export function overPlanes(
  fabric: Fabric,
  flows: Flows,
  joined: (from: number, to: number) => boolean = () => true,
): PlaneParts {
  const { count, start, endpoint, of } = nicsOf(fabric);
  if (count === endpoint.length) return { flows, of: Int32Array.from({ length: flows.count }, (_, f) => f) };
  const rate = portRates(fabric);
  const src: number[] = [];
  const dst: number[] = [];
  const bytes: number[] = [];
  const owner: number[] = [];
  const add = (f: number, from: number, to: number, part: number): void => {
    owner.push(f);
    src.push(from);
    dst.push(to);
    bytes.push(part);
  };
  for (let f = 0; f < flows.count; f++) {
    const a = of[flows.src[f]!]!;
    const b = of[flows.dst[f]!]!;
    const before = bytes.length;
    let total = 0;
    for (let i = start[a]!; a >= 0 && i < start[a + 1]!; i++) {
      for (let j = start[b]!; b >= 0 && j < start[b + 1]!; j++) {
        const [from, to] = [endpoint[i]!, endpoint[j]!];
        const port = Math.min(rate[from]!, rate[to]!);
        if (fabric.plane[from] !== fabric.plane[to] || port === 0 || !joined(from, to)) continue;
        add(f, from, to, port);
        total += port;
      }
    }
    if (total === 0) add(f, flows.src[f]!, flows.dst[f]!, 1);
    for (let k = before; k < bytes.length; k++) bytes[k] = (flows.bytes[f]! * bytes[k]!) / (total || 1);
  }
  return {
    of: Int32Array.from(owner),
    flows: {
      count: src.length,
      src: Int32Array.from(src),
      dst: Int32Array.from(dst),
      bytes: Float64Array.from(bytes),
      operation: Uint16Array.from(owner, (f) => flows.operation[f]!),
      invocations: Float64Array.from(owner, (f) => flows.invocations[f]!),
      operations: flows.operations,
    },
  };
}

/** Bytes per second of each endpoint's fastest live cable, 0 where it has none; length endpoints. */
function portRates(fabric: Fabric): Float64Array {
  const rate = new Float64Array(fabric.endpoints);
  for (let e = 0; e < fabric.endpoints; e++) {
    for (let l = fabric.linkStart[e]!; l < fabric.linkStart[e + 1]!; l++)
      if (fabric.linkAlive[l] === 1) rate[e] = Math.max(rate[e]!, fabric.linkRate[l]!);
  }
  return rate;
}
