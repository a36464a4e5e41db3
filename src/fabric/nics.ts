import { type Fabric, type Flows, NodeKind } from './types.ts';

/** NICs as a host has them: those with a port on every plane are one NIC of several endpoints. */
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
    // Two endpoints of one host, plane and NIC number would be two NICs: the plane is counted too.
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

/** Flows between NICs (each named by its first endpoint) as flows between endpoints, shared evenly over common planes. */
export function overPlanes(fabric: Fabric, flows: Flows): Flows {
  const { start, endpoint, of } = nicsOf(fabric);
  const src: number[] = [];
  const dst: number[] = [];
  const from: number[] = [];
  const parts: number[] = [];
  for (let f = 0; f < flows.count; f++) {
    const a = of[flows.src[f]!]!;
    const b = of[flows.dst[f]!]!;
    const before = src.length;
    for (let i = start[a]!; i < start[a + 1]!; i++) {
      for (let j = start[b]!; j < start[b + 1]!; j++) {
        if (fabric.plane[endpoint[i]!] !== fabric.plane[endpoint[j]!]) continue;
        src.push(endpoint[i]!);
        dst.push(endpoint[j]!);
        from.push(f);
      }
    }
    // No plane in common: the flow stays as it is, and whoever routes it finds no path.
    if (src.length === before) {
      src.push(flows.src[f]!);
      dst.push(flows.dst[f]!);
      from.push(f);
    }
    for (let k = before; k < src.length; k++) parts.push(src.length - before);
  }
  return {
    count: src.length,
    src: Int32Array.from(src),
    dst: Int32Array.from(dst),
    bytes: Float64Array.from(from, (f, k) => flows.bytes[f]! / parts[k]!),
    operation: Uint16Array.from(from, (f) => flows.operation[f]!),
    invocations: Float64Array.from(from, (f) => flows.invocations[f]!),
    operations: flows.operations,
  };
}
