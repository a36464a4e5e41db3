import type { Context } from '../base/context.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { linkLoads } from '../flow/loads.ts';
import { summarise } from '../flow/summary.ts';
import type { NextHops } from '../routes/types.ts';
import { cutBounds } from './bounds.ts';
import { unitsOfFlows } from './demand.ts';
import { lowerBounds } from './lower.ts';
import { planesOf } from './plane.ts';
import { MEETS } from './tables.ts';

/**
 * By how much the wiring keeps the best routing from what its cuts alone would allow: the fractional optimum over the
 * largest cut, at least 1 (1 on regular trees). Work as lowerBounds.
 */
export async function wiringLoss(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  context: Context,
): Promise<number> {
  const planes = planesOf(fabric, hops);
  const { units } = unitsOfFlows(planes, flows);
  const cuts = planes.map((plane, p) => cutBounds(plane, units[p]!));
  const largest = cuts.reduce((most, cut) => Math.max(most, cut.fractional), 0);
  if (largest === 0) return 1;
  const load = linkLoads(fabric, hops, flows, { kind: 'adaptive' });
  const { maxLoad } = summarise(fabric, load);
  if (maxLoad <= largest * (1 + MEETS)) return 1;
  const { fractional } = await lowerBounds(planes, units, cuts, maxLoad, load, context);
  return Math.max(1, fractional / largest);
}
