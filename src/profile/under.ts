import type { Catalog } from '../catalog/types.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { busySeconds, nicEfficiency } from '../flow/bottleneck.ts';
import { loadEngine } from '../flow/loads.ts';
import { measure } from '../flow/measure.ts';
import type { NextHops, Routes } from '../routes/types.ts';
import { sharingOf } from './sharing.ts';
import type { OperationProfile } from './types.ts';

/**
 * Seconds of one invocation of each profiled operation under given routes, the operations in the profile's order:
 * the parts that no routing changes are the profile's, the busiest link between switches and what sharing adds are of these
 * routes.
 * O(flows * hops + operations * links).
 */
export function secondsUnder(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  routes: Routes,
  operations: readonly OperationProfile[],
  catalog: Catalog,
): Float64Array {
  const engine = loadEngine(fabric, hops, flows);
  const sharing = sharingOf(engine);
  const { seconds } = measure(engine, routes);
  return Float64Array.from(operations, ({ nic, scaleUp, latency, switchHops, kind, algorithm }, o) => {
    if (switchHops === 0) return Math.max(nic, scaleUp) + latency;
    const link = seconds[o]!;
    const shared = sharing.seconds(
      o,
      routes,
      { nic: nicEfficiency(kind, algorithm, catalog), link: 1 },
      Math.max(nic, scaleUp, link),
    );
    return busySeconds({ nic, scaleUp, latency }, link, shared) + latency;
  });
}
