import { diffFabrics } from '../fabric/diff.ts';
import { summariseFabric } from '../fabric/summary.ts';
import type { Fabric } from '../fabric/types.ts';
import { priceRepairs } from '../routing/repair-cost.ts';
import type { PatternRouting, TrafficDemand } from '../routing/types.ts';
import { diffSections } from './diff.ts';
import { figuresSection, type KeyFigure } from './difference.ts';
import { quantity, type Section, type Unit } from './types.ts';

/** A fabric for itself, and the tables that were made for it. */
export interface NamedFabric {
  readonly name: string;
  readonly fabric: Fabric;
  readonly routing: PatternRouting;
}

/** What a fabric is compared by: its parts, and what the best tables found make of its first demand. */
export function fabricFigures(fabric: Fabric, { demands, after, rate }: PatternRouting): KeyFigure[] {
  const counts = summariseFabric(fabric);
  const { up, down } = after.loads[0]!;
  const { unit, bounds } = demands[0]!;
  const figure = (id: string, label: string, value: number, u: Unit = 'count'): KeyFigure => ({
    id,
    label,
    value: quantity(value, u),
  });
  const busiest = Math.max(up, down);
  return [
    figure('endpoints', 'endpoints', counts.endpoints),
    figure('planes', 'planes', counts.planes),
    figure('switches', 'switches', counts.switches),
    figure('links', 'links between switches', counts.interSwitchLinks),
    figure('cables', 'cables', counts.cables),
    figure('dead', 'dead cables', deadCables(fabric)),
    unit
      ? figure('busiest', 'busiest link, pairs', busiest * rate, 'plain')
      : figure('busiest', 'busiest link', busiest, 'seconds'),
    ...(bounds.wholeDestination > 0
      ? [figure('to-bound', 'to the bound of tables', busiest / bounds.wholeDestination, 'ratio')]
      : []),
    figure('unreachable', 'pairs without a way', after.verification.unreachablePairs),
  ];
}

function deadCables({ links, linkAlive, linkReverse }: Fabric): number {
  let dead = 0;
  for (let l = 0; l < links; l++) if (linkReverse[l]! > l && linkAlive[l] !== 1) dead++;
  return dead;
}

/**
 * Fabrics side by side, then what is cabled otherwise in each than in the first, as repairs, dearest first for the demands
 * on the first (whose name `traffic` is).
 */
export function fabricDifference(
  fabrics: readonly NamedFabric[],
  demands: readonly TrafficDemand[],
  traffic: string,
): Section[] {
  const figures = fabrics.map(({ name, fabric, routing }) => ({
    name,
    figures: fabricFigures(fabric, routing),
  }));
  const [expected, ...observed] = fabrics as [NamedFabric, ...NamedFabric[]];
  return [
    figuresSection(figures),
    ...observed.flatMap(({ name, fabric }, i) => {
      const repairs = diffFabrics(expected.fabric, fabric);
      if (!repairs.ok) return [];
      const sections = diffSections(priceRepairs(expected.fabric, repairs.value, demands), traffic);
      const doubts = repairs.issues.map((issue) => issue.message);
      return sections.map((s, at) => ({
        ...s,
        id: `${s.id}-${i}`,
        title: `${name} against ${expected.name}. ${s.title}`,
        notes: at === 0 ? [...doubts, ...s.notes] : s.notes,
      }));
    }),
  ];
}
