import type { Plan } from '../plan/types.ts';
import { type Cell, left, type Quantity, quantity, right, type Section, type Unit } from './types.ts';

/** A number that says how good a plan is. */
export interface KeyFigure {
  readonly id: string;
  readonly label: string;
  readonly value: Quantity;
}

/** What to look at first, and what two plans are compared by. */
export function keyFigures(plan: Plan): KeyFigure[] {
  const { fabric, routing, step, risk, economy, traffic } = plan;
  const figure = (id: string, label: string, value: number | undefined, unit: Unit): KeyFigure[] =>
    value === undefined ? [] : [{ id, label, value: quantity(value, unit) }];
  return [
    ...figure('gpus', 'GPUs', plan.spec.gpus, 'count'),
    ...figure('switches', 'switches', fabric.switches, 'count'),
    ...figure('links', 'links between switches', fabric.interSwitchLinks, 'count'),
    ...figure('cross-leaf', 'bytes across leaves, a step', traffic.total.crossLeaf, 'bytes'),
    ...figure('busiest', 'busiest switch link, a step', routing?.maxLoad, 'seconds'),
    ...figure('to-bound', 'to the bound of tables', routing?.ratioToWhole, 'ratio'),
    ...figure('step', 'time of a step', step?.seconds, 'seconds'),
    ...figure('mfu', 'MFU', step?.mfu, 'percent'),
    ...figure('tokens-day', 'tokens a day', step?.tokensPerDay, 'count'),
    ...figure('mttf', 'time between failures', risk?.mttf, 'seconds'),
    ...figure('ettr', 'effective training time', risk?.ettr, 'percent'),
    ...figure('power', 'power at the grid', economy?.energy.site, 'power'),
    ...figure('per-day', 'cost of a day', economy?.operating.perDay.usd, 'money'),
    ...figure('run', 'cost of the run', economy?.run?.usd, 'money'),
  ];
}

export interface NamedPlan {
  readonly name: string;
  readonly plan: Plan;
}

/** Plans side by side by their key figures; the change is of the last against the first. */
export function differenceSection(plans: readonly NamedPlan[]): Section {
  return figuresSection(plans.map(({ name, plan }) => ({ name, figures: keyFigures(plan) })));
}

/** Things of one kind side by side; the change is of the last against the first. */
export function figuresSection(
  things: readonly { readonly name: string; readonly figures: readonly KeyFigure[] }[],
): Section {
  const figures = things.map((t) => t.figures);
  const ids = [...new Set(figures.flat().map((f) => f.id))];
  const rows = ids.map((id): Cell[] => {
    const found = figures.map((list) => list.find((f) => f.id === id));
    return [
      found.find((f) => f !== undefined)!.label,
      ...found.map((f) => f?.value ?? null),
      change(found[0]?.value, found.at(-1)?.value),
    ];
  });
  return {
    id: 'difference',
    title: `Compared: ${things.map((t) => t.name).join(' with ')}`,
    columns: [left(), ...things.map((t) => right(t.name)), right('change')],
    rows,
    notes: [],
  };
}

function change(from: Quantity | undefined, to: Quantity | undefined): Cell {
  if (from === undefined || to === undefined) return null;
  if (from.value === to.value) return 'same';
  if (from.value === 0) return null;
  const ratio = to.value / from.value - 1;
  return `${ratio > 0 ? '+' : '−'}${Math.abs(100 * ratio).toPrecision(3)} %`;
}
