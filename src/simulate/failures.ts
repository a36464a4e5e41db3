import { fail, ok, type Result } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import type { FluidChange, FluidPaths } from '../fluid/types.ts';
import { nextHops } from '../routes/next-hops.ts';
import { joinPaths, type Network, type Ways } from './network.ts';
import type { Policy } from './policies.ts';
import type { Failure } from './types.ts';

/** The network as it is after each failure, in order; issues as withoutParts has them. */
export function failedNetworks(network: Network, failures: readonly Failure[]): Result<readonly Network[]> {
  const networks: Network[] = [];
  let fabric: Fabric = network.fabric;
  for (const { parts } of failures) {
    const cut = withoutParts(fabric, parts);
    if (!cut.ok) return fail(cut.issues);
    fabric = cut.value;
    networks.push({ ...network, fabric, hops: nextHops(fabric) });
  }
  return ok(networks);
}

export interface FailureOptions {
  readonly draw: number;
  readonly failures: readonly Failure[];
  /** After each failure. */
  readonly networks: readonly Network[];
  readonly rerouteAfter: number;
}

export interface Rerouting {
  readonly paths: FluidPaths;
  readonly changes: readonly FluidChange[];
  /** By flow of the schedule: 1 when a part of it takes another way. */
  readonly rerouted: Uint8Array;
}

/**
 * What failures do to a run: links lose their capacity at once, and `rerouteAfter` seconds later the parts on them take the way
 * that the routing finds on what is left, or that of another plane of their NIC; else they wait. O(failures * parts * hops).
 */
export function reroute(
  policy: Policy,
  ways: Ways,
  efficiency: number,
  { draw, failures, networks, rerouteAfter: after }: FailureOptions,
  messages: number,
): Rerouting {
  let { paths } = ways;
  let now = policy;
  const current = ways.path.slice();
  const changes: FluidChange[] = [];
  const rerouted = new Uint8Array(messages);
  for (const [k, { time }] of failures.entries()) {
    const next = now.after(networks[k]!);
    const links: { link: number; capacity: number }[] = [];
    const dead = new Uint8Array(next.capacity.length);
    for (let l = 0; l < next.capacity.length; l++) {
      if (next.capacity[l] === now.capacity[l]) continue;
      links.push({ link: l, capacity: next.capacity[l]! * efficiency });
      if (next.capacity[l] === 0) dead[l] = 1;
    }
    const other = next.ways(draw);
    const lanes = lanesOf(other);
    const reroutes: { flow: number; path: number }[] = [];
    for (let i = 0; i < ways.parts; i++) {
      if (!crosses(paths, current[i]!, dead)) continue;
      const lane = lanes(i);
      current[i] = lane < 0 ? -1 : paths.count + other.path[lane]!;
      reroutes.push({ flow: i, path: current[i]! });
      rerouted[ways.message[i]!] = 1;
    }
    paths = joinPaths(paths, other.paths);
    if (after > 0) changes.push({ time, links, reroutes: [] }, { time: time + after, links: [], reroutes });
    else changes.push({ time, links, reroutes });
    now = next;
  }
  return { paths, changes, rerouted };
}

function crosses({ start, link }: FluidPaths, path: number, dead: Uint8Array): boolean {
  if (path < 0) return false;
  for (let k = start[path]!; k < start[path + 1]!; k++) if (dead[link[k]!] === 1) return true;
  return false;
}

/** For a part the part whose way it can take: itself, or in turn one of its flow's that has a way; -1: none. */
function lanesOf({ parts, message, path }: Ways): (part: number) => number {
  return (part) => {
    if (path[part]! >= 0) return part;
    let from = part;
    let to = part + 1;
    while (from > 0 && message[from - 1] === message[part]) from--;
    while (to < parts && message[to] === message[part]) to++;
    const live: number[] = [];
    for (let i = from; i < to; i++) if (path[i]! >= 0) live.push(i);
    return live.length === 0 ? -1 : live[part % live.length]!;
  };
}
