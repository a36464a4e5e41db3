import type { Catalog } from '../catalog/types.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { busiest, busySeconds, nicEfficiency } from '../flow/bottleneck.ts';
import { LoadEngine } from '../flow/loads.ts';
import { switchLinks } from '../flow/summary.ts';
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
  const links = switchLinks(fabric);
  const step = new Float64Array(fabric.links);
  const once = new Float64Array(fabric.links);
  const sharing = new Sharing(fabric, hops, flows);
  return Float64Array.from(operations, ({ nic, scaleUp, latency, switchHops, kind, algorithm }, o) => {
    if (switchHops === 0) return Math.max(nic, scaleUp) + latency;
    once.fill(0);
    const [from, to] = engine.rangeOf(o);
    engine.addInner(routes, from, to, { step, once, unrouted: { flows: 0, bytes: 0 } });
    const link = busiest(fabric, once, links).seconds;
    const shared = sharing.seconds(
      o,
      routes,
      { nic: nicEfficiency(kind, algorithm, catalog), link: 1 },
      Math.max(nic, scaleUp, link),
    );
    return busySeconds({ nic, scaleUp, latency }, link, shared) + latency;
  });
}
