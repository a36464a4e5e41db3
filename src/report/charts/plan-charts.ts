import type { Catalog } from '../../catalog/types.ts';
import { eras } from '../../economy/eras.ts';
import type { CurvePoint } from '../../flow/types.ts';
import { HAIR } from '../../numeric/tolerance.ts';
import { clusterLoad } from '../../plan/load.ts';
import { riskInput } from '../../plan/stages.ts';
import type { Evaluation, Plan } from '../../plan/types.ts';
import type { Spec } from '../../spec/types.ts';
import { formatQuantity } from '../terminal.ts';
import { left, quantity, right, type Section } from '../types.ts';
import { bars } from './bars.ts';
import { economyCharts } from './economy-charts.ts';
import { erasCharts } from './eras-charts.ts';
import { lines } from './lines.ts';
import { riskCharts, timelineChart } from './risk-charts.ts';
import { stepCharts } from './step-charts.ts';
import type { Chart } from './types.ts';

/** Every chart that a plan has the numbers for, and one of its simulated runs; or those of one chapter. */
export function planCharts(evaluation: Evaluation, spec: Spec, catalog: Catalog, chapter?: string): Chart[] {
  const { plan, artefacts } = evaluation;
  const { fabric, step } = artefacts;
  const { model, cluster } = spec;
  const made: Readonly<Record<string, () => Chart[]>> = {
    traffic: () => trafficChart(plan),
    plan: () => routingChart(plan),
    hot: () => curveChart(plan),
    step: () => (step === undefined ? [] : stepCharts(plan, { ...step, model, gpu: cluster.gpu, catalog })),
    risk: () => [
      ...riskCharts(plan),
      ...(step === undefined ? [] : timelineChart(riskInput(spec, fabric, step), catalog)),
    ],
    economy: () => [
      ...economyCharts(plan),
      ...(plan.economy === undefined ? [] : erasCharts(eras(catalog, clusterLoad(plan)))),
    ],
  };
  return Object.entries(made).flatMap(([id, make]) =>
    chapter === undefined || id === chapter ? make() : [],
  );
}

function trafficChart(plan: Plan): Chart[] {
  const series = ['in a node', 'under one leaf', 'across leaves'];
  const titles = new Map(plan.workload.operations.map((o) => [o.id, o.title]));
  const rows = plan.traffic.operations
    .map((o) => ({ label: titles.get(o.operation)!, values: [o.intraNode, o.intraLeaf, o.crossLeaf] }))
    .sort((a, b) => sum(b.values) - sum(a.values))
    .filter((r) => sum(r.values) > 0);
  if (rows.length === 0) return [];
  const title = 'Bytes of a step by operation and how far they go';
  return [
    {
      id: 'scopes',
      title,
      summary: `${title}: ${rows[0]!.label} most, ${formatQuantity(quantity(sum(rows[0]!.values), 'bytes'))}`,
      picture: bars({ summary: title, unit: 'bytes', series, rows: rows.slice(0, MOST_ROWS) }),
      table: {
        id: 'scopes',
        title,
        columns: [left('operation'), ...series.map(right)],
        rows: rows.map((r) => [r.label, ...r.values.map((v) => quantity(v, 'bytes'))]),
        notes: [],
      },
    },
  ];
}

const MOST_ROWS = 12;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const STRATEGY: Readonly<Record<string, string>> = {
  modulo: 'destination-modulo',
  ecmp: 'ECMP, median seed',
  adaptive: 'adaptive',
  static: 'optimised tables',
};

function routingChart({ routing }: Plan): Chart[] {
  if (routing === undefined || routing.maxLoad === 0) return [];
  const rows = [
    ...routing.baselines.map((b) => ({ label: STRATEGY[b.strategy] ?? b.strategy, value: b.maxLoad })),
    { label: `chosen: ${routing.strategy}`, value: routing.maxLoad, strong: true },
  ];
  const title = 'Busiest link between switches, by routing';
  const table: Section = {
    id: 'routing-chart',
    title,
    columns: [left('routing'), right('busiest link')],
    rows: rows.map((r) => [r.label, quantity(r.value, 'seconds')]),
    notes: [],
  };
  const least = formatQuantity(quantity(routing.fractionalBound, 'seconds'));
  const summary = `${title}: ${formatQuantity(quantity(routing.maxLoad, 'seconds'))} as chosen; no routing needs less than ${least}`;
  return [
    {
      id: 'routing',
      title,
      summary,
      picture: bars({
        summary,
        unit: 'seconds',
        series: [title],
        rows: rows.map((r) => ({ ...r, values: [r.value] })),
        marks: [{ value: routing.fractionalBound, label: `no routing needs less: ${least}` }],
      }),
      table,
    },
  ];
}

function curveChart({ profile, routing }: Plan): Chart[] {
  const curve = profile?.hotPathCurve ?? [];
  if (curve.length < 2) return [];
  const knee = kneeOf(curve);
  const title = 'Busiest link by the number of pinned paths';
  // A curve that only ever steepens has none.
  const bent = knee.pinned > 0;
  const kneeText = bent ? `knee: ${formatQuantity(quantity(knee.pinned, 'count'))} pins` : 'no knee';
  const summary = `${title}: ${formatQuantity(quantity(curve[0]!.maxLoad, 'seconds'))} without pins, ${formatQuantity(quantity(curve.at(-1)!.maxLoad, 'seconds'))} with ${curve.at(-1)!.pinned}; ${kneeText}`;
  return [
    {
      id: 'curve',
      title,
      summary,
      picture: lines({
        summary,
        x: { title: 'paths pinned', unit: 'count', scale: 'log' },
        y: { title: 'time of the busiest link', unit: 'seconds', scale: 'linear' },
        series: [{ name: 'busiest link', points: curve.map((c) => [c.pinned, c.maxLoad] as const) }],
        levels:
          routing === undefined
            ? []
            : [{ value: routing.wholeDestinationBound, label: 'no table of whole destinations does better' }],
        marks: bent ? [{ x: knee.pinned, y: knee.maxLoad, label: kneeText }] : [],
      }),
      table: {
        id: 'curve-chart',
        title,
        columns: [right('pinned'), right('busiest link'), right('ratio')],
        rows: curve.map((c) => [
          quantity(c.pinned, 'count'),
          quantity(c.maxLoad, 'seconds'),
          quantity(c.ratio, 'ratio'),
        ]),
        notes: [],
      },
    },
  ];
}

/**
 * The point of a falling curve that lies deepest below the line from its first to its last, on a logarithmic axis of
 * pins: from there on more pins gain less than before.
 */
export function kneeOf(curve: readonly CurvePoint[]): CurvePoint {
  const x = (c: CurvePoint): number => Math.log2(1 + c.pinned);
  const first = curve[0]!;
  const last = curve.at(-1)!;
  const slope = (last.maxLoad - first.maxLoad) / (x(last) - x(first) || 1);
  let knee = first;
  let deepest = HAIR * first.maxLoad;
  for (const point of curve) {
    const depth = first.maxLoad + slope * (x(point) - x(first)) - point.maxLoad;
    if (depth > deepest) {
      deepest = depth;
      knee = point;
    }
  }
  return knee;
}
