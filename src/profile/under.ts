import type { Catalog } from '../catalog/types.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { busySeconds, nicEfficiency } from '../flow/bottleneck.ts';
import { LoadEngine } from '../flow/loads.ts';
import { LoadSums } from '../flow/sums.ts';
import type { NextHops, Routes } from '../routes/types.ts';
import { Sharing } from './sharing.ts';
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
  const engine = new LoadEngine(fabric, hops, flows);
  const sums = new LoadSums(fabric.links);
  const sharing = new Sharing(engine);
  return Float64Array.from(operations, ({ nic, scaleUp, latency, switchHops, kind, algorithm }, o) => {
    if (switchHops === 0) return Math.max(nic, scaleUp) + latency;
    sums.forgetOnce();
    engine.addInner(routes, sums, o);
    const link = sums.busiestOnce(fabric.linkRate).seconds;
    const shared = sharing.seconds(
      o,
      routes,
      { nic: nicEfficiency(kind, algorithm, catalog), link: 1 },
      Math.max(nic, scaleUp, link),
    );
    return busySeconds({ nic, scaleUp, latency }, link, shared) + latency;
  });
}
