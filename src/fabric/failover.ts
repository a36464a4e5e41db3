import type { Fabric, Flows } from './types.ts';

export interface Diverted {
  readonly flows: Flows;
  /** Bytes of a step that go another way, and those of endpoints whose host is cut off. */
  readonly diverted: number;
  readonly cutOff: number;
}

/**
 * What remains when NICs, leaves or planes are dead: a flow that has lost an end goes over the other NICs of the same hosts,
 * shared out evenly over every plane where both have one that lives (bytes change over inside the node, as NCCL's PXN does).
 * Flows of hosts that are cut off stay as they are and count as such. O(flows * planes).
 */
export function divertFlows(fabric: Fabric, flows: Flows): Diverted {
  const alive = livingEndpoints(fabric);
  const ways = new Ways(fabric, alive);
  let count = 0;
  for (let f = 0; f < flows.count; f++) count += Math.max(1, ways.find(flows.src[f]!, flows.dst[f]!));
  const out = {
    count,
    src: new Int32Array(count),
    dst: new Int32Array(count),
    bytes: new Float64Array(count),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count),
    operations: flows.operations,
  };
  let diverted = 0;
  let cutOff = 0;
  let at = 0;
  for (let f = 0; f < flows.count; f++) {
    const source = flows.src[f]!;
    const target = flows.dst[f]!;
    const bytes = flows.bytes[f]!;
    const found = ways.find(source, target);
    if (found === 0) cutOff += bytes;
    else if (ways.src[0] !== source || ways.dst[0] !== target) diverted += bytes;
    for (let w = 0; w < Math.max(1, found); w++) {
      out.src[at] = found === 0 ? source : ways.src[w]!;
      out.dst[at] = found === 0 ? target : ways.dst[w]!;
      out.bytes[at] = bytes / Math.max(1, found);
      out.operation[at] = flows.operation[f]!;
      out.invocations[at++] = flows.invocations[f]!;
    }
  }
  return { flows: out, diverted, cutOff };
}

/** 1 for every endpoint that still has a live cable to a switch that still has one; length endpoints. */
export function livingEndpoints(fabric: Fabric): Uint8Array {
  const alive = new Uint8Array(fabric.endpoints);
  for (let e = 0; e < fabric.endpoints; e++) {
    for (let l = fabric.linkStart[e]!; l < fabric.linkStart[e + 1]!; l++) {
      if (fabric.linkAlive[l] === 1 && fabric.linkAlive[fabric.linkReverse[l]!] === 1) alive[e] = 1;
    }
  }
  return alive;
}

/** The pairs of living endpoints over which one pair of hosts can talk instead of a dead one. */
class Ways {
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly #fabric: Fabric;
  readonly #alive: Uint8Array;
  /** Living endpoints of each host in order. */
  readonly #living: readonly (readonly number[])[];

  constructor(fabric: Fabric, alive: Uint8Array) {
    this.#fabric = fabric;
    this.#alive = alive;
    const living: number[][] = Array.from({ length: fabric.hosts.count }, () => []);
    for (let e = 0; e < fabric.endpoints; e++) if (alive[e] === 1) living[fabric.hosts.of[e]!]?.push(e);
    this.#living = living;
    const most = living.reduce((size, list) => Math.max(size, list.length), 1);
    this.src = new Int32Array(most);
    this.dst = new Int32Array(most);
  }

  /** Fills src and dst; returns how many ways there are: 1 for a flow whose ends live, 0 for one that is cut off. */
  find(source: number, target: number): number {
    const { plane, hosts } = this.#fabric;
    if (this.#alive[source] === 1 && this.#alive[target] === 1) return this.#put(0, source, target);
    const from = this.#living[hosts.of[source]!] ?? [];
    const to = this.#living[hosts.of[target]!] ?? [];
    let found = 0;
    // One end lives: the other moves to a NIC of its host on the same plane, if there is one.
    if (this.#alive[target] === 1)
      for (const s of from) if (plane[s] === plane[target]) found = this.#put(found, s, target);
    if (this.#alive[source] === 1)
      for (const d of to) if (plane[d] === plane[source]) found = this.#put(found, source, d);
    if (found > 0) return found;
    for (const s of from) {
      const d = to.find((e) => plane[e] === plane[s]);
      if (d !== undefined) found = this.#put(found, s, d);
    }
    return found;
  }

  #put(at: number, source: number, target: number): number {
    this.src[at] = source;
    this.dst[at] = target;
    return at + 1;
  }
}
