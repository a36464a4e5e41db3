import type { Fabric, Flows } from '../fabric/types.ts';
import { busiest } from '../flow/bottleneck.ts';
import { type PinBase, pinHotPaths } from '../flow/pin.ts';
import { nicLinks, switchLinks } from '../flow/summary.ts';
import type { LinkLoad } from '../flow/types.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { NextHops, PinnedRoutes } from '../routes/types.ts';
import type { PinCurve, PinPoint } from './types.ts';

/**
 * Pinned hot paths against the busiest link and against the time that communication takes, at 0, 1, 2, 4, ... pins; and
 * where more stop to pay. `secondsOf`: that time under given routes.
 * O(what pinHotPaths takes + points * flows * hops).
 */
export function pinCurve(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  base: PinBase,
  pins: number,
  secondsOf: (routes: PinnedRoutes) => number,
): PinCurve {
  const unit = fabric.transport === 'roce' ? 'pair' : 'leaf';
  const { curve, routesOf } = pinHotPaths(fabric, hops, flows, base, { count: pins, unit });
  const points = curve.map((point): PinPoint => ({ ...point, seconds: secondsOf(routesOf(point.pinned)) }));
  return { pinnedOver: base.kind, points, knee: kneeOf(points) };
}

/** Seconds that flows take all at once, for which the busiest of NICs and links is the measure. O(links). */
export function bottleneckSeconds(fabric: Fabric, load: LinkLoad): number {
  const nic = busiest(fabric, load, nicLinks(fabric)).seconds;
  return Math.max(nic, busiest(fabric, load, switchLinks(fabric)).seconds);
}

/** Gains of less than this part of the whole are no bend. */
const FLAT = 1e-3;

/**
 * The knee: the point of a falling curve that is farthest below the line from its first to its last point, both axes scaled
 * to 1; 0 where nothing is gained.
 * Source: V. Satopaa, J. Albrecht, D. Irwin, B. Raghavan, Finding a "Kneedle" in a Haystack, ICDCS Workshops 2011,
 * doi:10.1109/ICDCSW.2011.20.
 */
export function kneeOf(points: readonly PinPoint[]): number {
  const first = points[0]!;
  const last = points[points.length - 1]!;
  const gain = first.seconds - last.seconds;
  if (!(gain > FLAT * first.seconds)) return 0;
  let knee = last.pinned;
  let farthest = 0;
  for (const { pinned, seconds } of points) {
    const below = 1 - (seconds - last.seconds) / gain - pinned / last.pinned;
    if (below <= farthest + HAIR) continue;
    farthest = below;
    knee = pinned;
  }
  return knee;
}
