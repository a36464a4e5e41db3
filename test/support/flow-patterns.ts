import type { Fabric, Flows } from '../../src/fabric/types.ts';
import { flowPaths } from '../../src/flow/paths.ts';
import type { FluidSystem } from '../../src/fluid/types.ts';
import { stream } from '../../src/numeric/random.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import type { NextHops, Routes } from '../../src/routes/types.ts';
import { flowsOf } from './demands.ts';
import type { PathEnds } from './simgrid.ts';

/** So many flows as one random permutation of the endpoints after the other has; nobody sends to itself. */
export function permutationFlows(endpoints: number, count: number, bytes: number, seed: number): Flows {
  const list: [number, number, number][] = [];
  for (let round = 0; list.length < count; round++) {
    const to = Int32Array.from({ length: endpoints }, (_, i) => i);
    stream(seed, 'permutations', round).shuffle(to);
    for (let i = 0; i < endpoints && list.length < count; i++) if (to[i] !== i) list.push([i, to[i]!, bytes]);
  }
  return flowsOf(list);
}

/** Everyone to the one s places on, for s = 1, 2, ... */
export function shiftFlows(endpoints: number, count: number, bytes: number): Flows {
  return flowsOf(
    Array.from({ length: count }, (_, k) => {
      const from = k % endpoints;
      return [from, (from + 1 + Math.floor(k / endpoints)) % endpoints, bytes] as const;
    }),
  );
}

export interface RoutedFlows {
  readonly system: FluidSystem;
  readonly ends: PathEnds;
}

/** Flows that all begin at 0, on the paths that the routing gives them; one path a pair of endpoints. */
export function routedFlows(
  fabric: Fabric,
  flows: Flows,
  routing: (fabric: Fabric, hops: NextHops) => Routes,
): RoutedFlows {
  const hops = nextHops(fabric);
  const { paths, path, parts } = flowPaths(fabric, hops, flows, routing(fabric, hops));
  if (parts !== flows.count) throw new Error('flows of several parts');
  const source = new Int32Array(paths.count);
  const destination = new Int32Array(paths.count);
  for (let f = 0; f < flows.count; f++) {
    source[path[f]!] = flows.src[f]!;
    destination[path[f]!] = flows.dst[f]!;
  }
  const one = { count: parts, path, bytes: flows.bytes, phase: null, offset: null, weight: null };
  return {
    system: { capacity: fabric.linkRate, paths, flows: one, phases: null, changes: [] },
    ends: { hosts: fabric.endpoints, source, destination },
  };
}
