import { ensure } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import type { Fabric } from '../fabric/types.ts';
import { linkLoads } from '../flow/loads.ts';
import { bottleneckSeconds, pinCurve } from '../profile/pins.ts';
import type { PinCurve } from '../profile/types.ts';
import { secondsUnder } from '../profile/under.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { AdaptiveRoutes, EcmpRoutes } from '../routes/types.ts';
import type { TrafficDemand } from '../routing/types.ts';
import type { Spec } from '../spec/types.ts';
import type { Artefacts } from './types.ts';

/** The hot-path curve of a planned job: seconds are those a pipeline stage communicates in a step, were nothing hidden. */
export function stepPinCurve({ traffic, routing }: Spec, artefacts: Artefacts, catalog: Catalog): PinCurve {
  const profile = ensure(artefacts.profile, 'a profile');
  const { fabric, hops } = artefacts.fabric;
  const { flows } = artefacts.placed;
  const { operations, pipeline } = artefacts.workload;
  const seed = profile.policies.find((p) => p.policy === 'ecmp')?.seeds?.medianSeed ?? 0;
  const base = baseOf(fabric, seed, traffic.queuePairs);
  return pinCurve(fabric, hops, flows, base, routing.hotPaths, (routes) => {
    const seconds = secondsUnder(fabric, hops, flows, routes, profile.operations, catalog);
    let most = 0;
    for (let stage = 0; stage < pipeline; stage++) {
      const own = operations.reduce((sum, o, i) => sum + o.count[stage]! * seconds[i]!, 0);
      most = Math.max(most, own);
    }
    return most;
  });
}

/** Bytes that a pattern moves between each pair, where it says none itself. */
const PATTERN_BYTES = 1_000_000;

/** The hot-path curve of flows that all move at once: seconds of the busiest NIC or link. */
export function flowPinCurve(
  fabric: Fabric,
  { flows, unit }: Pick<TrafficDemand, 'flows' | 'unit'>,
  pins: number,
  seed: number,
): PinCurve {
  const base = baseOf(fabric, seed, 1);
  const moved = unit ? { ...flows, bytes: flows.bytes.map((b) => b * PATTERN_BYTES) } : flows;
  const hops = nextHops(fabric);
  return pinCurve(fabric, hops, moved, base, pins, (routes) =>
    bottleneckSeconds(fabric, linkLoads(fabric, hops, moved, routes)),
  );
}

/** RoCE leaves the rest to ECMP, InfiniBand to adaptive routing. */
function baseOf(fabric: Fabric, seed: number, queuePairs: number): EcmpRoutes | AdaptiveRoutes {
  return fabric.transport === 'roce' ? { kind: 'ecmp', seed, queuePairs } : { kind: 'adaptive' };
}
