import type { Flows } from '../fabric/types.ts';
import { simulate } from '../fluid/simulate.ts';
import type { Routes } from '../routes/types.ts';
import type { FlowPaths } from './paths.ts';
import type { FlowLoads } from './types.ts';

/** The flows of one operation with the bytes of one invocation, in the engine's order. */
export function invocationOf(engine: FlowLoads, operation: number): Flows {
  const { flows, order } = engine;
  const [from, to] = engine.rangeOf(operation);
  const ids = order.subarray(from, to);
  return {
    count: ids.length,
    src: ids.map((f) => flows.src[f]!),
    dst: ids.map((f) => flows.dst[f]!),
    bytes: Float64Array.from(ids, (f) => flows.bytes[f]! / flows.invocations[f]!),
    operation: Uint16Array.from(ids, () => operation),
    invocations: new Float64Array(ids.length).fill(1),
    operations: flows.operations,
  };
}

/**
 * Seconds until each flow has ended when all begin together and share the links max-min fair; Infinity where one has no
 * way. `capacity` by link, bytes a second; `members`: how many flows each stands for (bundles.ts).
 */
export function completion(
  { paths, parts, path, flow, share }: FlowPaths,
  { bytes, count }: Flows,
  capacity: Float64Array,
  members: Float64Array | null = null,
): Float64Array {
  const of = (k: number): number => (members === null ? 1 : members[flow[k]!]!);
  const each = Float64Array.from({ length: parts }, (_, k) => bytes[flow[k]!]! * share[k]! * of(k));
  const weight = members === null ? null : Float64Array.from({ length: parts }, (_, k) => of(k));
  const all = { count: parts, path, bytes: each, phase: null, offset: null, weight };
  const { finish } = simulate({ capacity, paths, flows: all, phases: null, changes: [] });
  const last = new Float64Array(count);
  for (let k = 0; k < parts; k++) last[flow[k]!] = Math.max(last[flow[k]!]!, finish[k]!);
  return last;
}

/** True when all flows have the same bytes. */
export function areEqual({ bytes }: Flows): boolean {
  return bytes.every((b) => b === bytes[0]);
}

/** Seconds of the last flow, those without a way left out; 0 when there is none. */
export function lastEnd(finish: Float64Array): number {
  return finish.reduce((most, t) => (t < Number.POSITIVE_INFINITY ? Math.max(most, t) : most), 0);
}

/** True when two operations have the same flows and routes do not tell them apart; ECMP hashes the operation too. */
export function sameWays(a: Flows, b: Flows, routes: Routes): boolean {
  const base = routes.kind === 'pinned' ? routes.base : routes;
  if (base.kind === 'ecmp' || a.count !== b.count) return a === b;
  for (let f = 0; f < a.count; f++) {
    if (a.src[f] !== b.src[f] || a.dst[f] !== b.dst[f] || a.bytes[f] !== b.bytes[f]) return false;
  }
  return true;
}

/**
 * A time by which every flow has ended: a link never gives a flow less than its share among all that ever cross it, so that
 * none takes longer than its bytes at the least of those shares. O(parts * hops).
 */
export function latestEnd(
  { paths, parts, path, flow, share }: FlowPaths,
  { bytes }: Flows,
  capacity: Float64Array,
  members: Float64Array | null = null,
): number {
  const crowd = new Float64Array(capacity.length);
  const each = (visit: (link: number, part: number, k: number) => void): void => {
    for (let k = 0; k < parts; k++) {
      if (path[k]! < 0) continue;
      for (let i = paths.start[path[k]!]!; i < paths.start[path[k]! + 1]!; i++) {
        visit(paths.link[i]!, paths.share === null ? 1 : paths.share[i]!, k);
      }
    }
  };
  each((l, part, k) => {
    crowd[l]! += members === null ? part : part * members[flow[k]!]!;
  });
  let latest = 0;
  each((l, _, k) => {
    latest = Math.max(latest, (bytes[flow[k]!]! * share[k]! * crowd[l]!) / capacity[l]!);
  });
  return latest;
}
