import { overPlanes, type PlaneParts } from '../fabric/nics.ts';
import type { Fabric, FlowSchedule } from '../fabric/types.ts';
import { type FlowPaths, flowPaths } from '../flow/paths.ts';
import type { FluidPaths, FluidPhases, FluidSystem } from '../fluid/types.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { NextHops, Routes } from '../routes/types.ts';

/** A fabric with its next hops, and the flows of a schedule between endpoints of one plane. */
export interface Network {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly schedule: FlowSchedule;
  /** Flows between endpoints; each belongs to a flow of the schedule. */
  readonly planes: PlaneParts;
}

/** Whether an up/down path joins two NICs on any plane that both are on. */
export function joinedNics({ hops, schedule, planes: { flows, of } }: Network): (flow: number) => boolean {
  const joined = new Uint8Array(schedule.flows.count);
  for (let i = 0; i < flows.count; i++)
    if (hops.switchHops(flows.src[i]!, flows.dst[i]!) > 0) joined[of[i]!] = 1;
  return (flow) => joined[flow] === 1;
}

const joinedBy =
  (hops: NextHops) =>
  (src: number, dst: number): boolean =>
    hops.switchHops(src, dst) > 0;

export function networkOf(
  fabric: Fabric,
  schedule: FlowSchedule,
  hops: NextHops = nextHops(fabric),
): Network {
  return { fabric, hops, schedule, planes: overPlanes(fabric, schedule.flows, joinedBy(hops)) };
}

/** The ways of a network's flows under a routing: parts, each with a path, that carry the flows of the schedule. */
export interface Ways {
  readonly paths: FluidPaths;
  readonly parts: number;
  /** Flow of the schedule, flow between endpoints, path (-1: none) and bytes of each part. */
  readonly message: Int32Array;
  readonly planeFlow: Int32Array;
  readonly path: Int32Array;
  readonly bytes: Float64Array;
}

export function waysOf({ fabric, hops, planes }: Network, routes: Routes): Ways {
  return withBytes(planes, flowPaths(fabric, hops, planes.flows, routes));
}

/** Bytes of each part from its flow's; message numbers from the flow between endpoints. */
export function withBytes({ flows, of }: PlaneParts, { paths, parts, flow, path, share }: FlowPaths): Ways {
  const message = new Int32Array(parts);
  const bytes = new Float64Array(parts);
  for (let i = 0; i < parts; i++) {
    message[i] = of[flow[i]!]!;
    bytes[i] = flows.bytes[flow[i]!]! * share[i]!;
  }
  return { paths, parts, message, planeFlow: flow, path, bytes };
}

/** What a transport costs: bytes pass at `efficiency` of a link's rate, and a flow is done `startUp` seconds after its last. */
export interface Costs {
  readonly efficiency: number;
  /** By flow of the schedule. */
  readonly startUp: Float64Array;
}

/** A system for the engine: one fluid flow a part, in its flow's phase. */
export function systemOf(
  { schedule }: Network,
  ways: Ways,
  capacity: Float64Array,
  startUp: Float64Array,
): FluidSystem {
  const phase = new Uint32Array(ways.parts);
  const offset = new Float64Array(ways.parts);
  for (let i = 0; i < ways.parts; i++) {
    phase[i] = schedule.phase[ways.message[i]!]!;
    offset[i] = schedule.offset[ways.message[i]!]!;
  }
  return {
    capacity,
    paths: ways.paths,
    flows: { count: ways.parts, path: ways.path, bytes: ways.bytes, phase, offset, weight: null },
    phases: delayed(schedule, startUp),
    changes: [],
  };
}

/** What waits for a phase waits for the longest start-up in it as well. */
function delayed({ phase, phases }: FlowSchedule, startUp: Float64Array): FluidPhases {
  const longest = new Float64Array(phases.count);
  for (let m = 0; m < phase.length; m++) longest[phase[m]!] = Math.max(longest[phase[m]!]!, startUp[m]!);
  const delay = phases.delay.map((own, p) => {
    let more = 0;
    for (let k = phases.start[p]!; k < phases.start[p + 1]!; k++)
      more = Math.max(more, longest[phases.after[k]!]!);
    return own + more;
  });
  return { ...phases, delay };
}

/** Bytes on every link, were all parts to end: length links. O(parts * hops). */
export function loadOf({ paths, parts, path, bytes }: Ways, links: number): Float64Array {
  const load = new Float64Array(links);
  const perPath = new Float64Array(paths.count);
  for (let i = 0; i < parts; i++) if (path[i]! >= 0) perPath[path[i]!]! += bytes[i]!;
  for (let p = 0; p < paths.count; p++) {
    for (let k = paths.start[p]!; k < paths.start[p + 1]!; k++)
      load[paths.link[k]!]! += perPath[p]! * (paths.share?.[k] ?? 1);
  }
  return load;
}

/**
 * Seconds of each flow with the network to itself: its busiest link, all its parts together; and its start-up.
 * O(parts * hops).
 */
export function aloneTimes(
  ways: Ways,
  messages: number,
  capacity: Float64Array,
  startUp: Float64Array,
): Float64Array {
  const { paths } = ways;
  const alone = Float64Array.from({ length: messages }, (_, m) => startUp[m]!);
  const load = new Float64Array(capacity.length);
  for (let from = 0; from < ways.parts; ) {
    const message = ways.message[from]!;
    let to = from;
    while (to < ways.parts && ways.message[to] === message) to++;
    let most = 0;
    for (const sign of [1, 0]) {
      for (let i = from; i < to; i++) {
        const p = ways.path[i]!;
        for (let k = paths.start[p] ?? 0; p >= 0 && k < paths.start[p + 1]!; k++) {
          const l = paths.link[k]!;
          // First the loads, then the busiest and clean again.
          if (sign === 1) load[l]! += ways.bytes[i]! * (paths.share?.[k] ?? 1);
          else {
            most = Math.max(most, load[l]! / capacity[l]!);
            load[l] = 0;
          }
        }
      }
    }
    alone[message]! += most;
    from = to;
  }
  return alone;
}

/** Paths of two sets as one: those of `b` are numbered on from `a.count`. */
export function joinPaths(a: FluidPaths, b: FluidPaths): FluidPaths {
  const start = new Uint32Array(a.count + b.count + 1);
  start.set(a.start);
  for (let p = 0; p <= b.count; p++) start[a.count + p] = a.link.length + b.start[p]!;
  const link = new Uint32Array(a.link.length + b.link.length);
  link.set(a.link);
  link.set(b.link, a.link.length);
  let share: Float64Array | null = null;
  if (a.share !== null || b.share !== null) {
    share = new Float64Array(link.length).fill(1);
    if (a.share !== null) share.set(a.share);
    if (b.share !== null) share.set(b.share, a.link.length);
  }
  return { count: a.count + b.count, start, link, share };
}
