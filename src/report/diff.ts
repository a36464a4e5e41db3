import type { PricedRepair } from '../routing/types.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** The repair list, dearest first, and how many of each kind there are. */
export function diffSections(repairs: readonly PricedRepair[], traffic: string): Section[] {
  if (repairs.length === 0) {
    const notes = ['Every cable is where it should be, at its rate.'];
    return [{ id: 'repairs', title: 'No differences', columns: [left()], rows: [], notes }];
  }
  const kinds = new Map<string, number>();
  for (const r of repairs) kinds.set(r.kind, (kinds.get(r.kind) ?? 0) + 1);
  return [
    {
      id: 'differences',
      title: `Differences: ${repairs.length}`,
      columns: [left('kind'), right('count')],
      rows: [...kinds].map(([kind, n]): Cell[] => [kind, quantity(n, 'count')]),
      notes: [],
    },
    {
      id: 'repairs',
      title: `Repairs, by what each difference costs ${traffic} by itself`,
      columns: [
        right(),
        left('what'),
        right('cuts off'),
        right('best routes'),
        right('even split'),
        left('repair'),
      ],
      rows: repairs.map((r, i): Cell[] => [
        String(i + 1),
        r.kind,
        cutOff(r),
        r.best === null ? null : quantity(r.best, 'percent'),
        r.even === null ? null : quantity(r.even, 'percent'),
        r.action,
      ]),
      notes: [
        'Costs are how much longer the busiest link between switches takes: with the best routes there are, and when every switch splits evenly over its live ports. An endpoint that is cut off comes first.',
      ],
    },
  ];
}

function cutOff({ cutOff, unroutable }: PricedRepair): Cell {
  if (cutOff > 0) return quantity(cutOff, 'count');
  return unroutable > 0 ? `${unroutable} flows` : '';
}

/** The same for machines. */
export function diffJson(repairs: readonly PricedRepair[], traffic: string): object {
  return {
    traffic,
    differences: repairs.length,
    repairs: repairs.map(({ kind, action, expected, observed, cutOff, unroutable, best, even }) => ({
      kind,
      action,
      expected,
      observed,
      cutOff,
      unroutable,
      costBestRoutes: best,
      costEvenSplit: even,
    })),
  };
}
