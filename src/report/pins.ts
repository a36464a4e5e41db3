import type { PinCurve } from '../profile/types.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

const OVER = { ecmp: 'ECMP', adaptive: 'adaptive routing', tables: 'tables' } as const;

/** Longest bar of the curve, characters. */
const BAR = 40;

/** Pins against the busiest link and against the time of communication, with the knee. */
export function pinSection(label: string, { pinnedOver, points, knee }: PinCurve): Section {
  const none = points[0]!.seconds;
  return {
    id: `pins-${label}`,
    title: `Hot-path curve, ${label}: pins over ${OVER[pinnedOver]}`,
    columns: [
      right('pinned'),
      right('busiest link'),
      right('ratio'),
      right('communication'),
      right('ratio'),
      left(),
    ],
    rows: points.map((p): Cell[] => [
      quantity(p.pinned, 'count'),
      quantity(p.maxLoad, 'seconds'),
      quantity(p.ratio, 'ratio'),
      quantity(p.seconds, 'seconds'),
      none > 0 ? quantity(p.seconds / none, 'ratio') : null,
      `${'█'.repeat(Math.round(none > 0 ? (BAR * p.seconds) / none : 0))}${p.pinned === knee && knee > 0 ? ' knee' : ''}`,
    ]),
    notes: [sentence(points, knee)],
  };
}

function sentence(points: PinCurve['points'], knee: number): string {
  if (knee > 0) return `Beyond ${knee} pins more gain little.`;
  return points[points.length - 1]!.ratio < 1
    ? 'Pins relieve the busiest link, but communication takes as long: something else binds it.'
    : 'No pin relieves the busiest link.';
}
