import type { Finalist, ParallelPlan, ParetoPlan, ScoredPlan, Search } from '../search/types.ts';
import { formatBytes, formatPercent, formatPower } from '../units/format.ts';
import { type Cell, type Column, left, quantity, right, type Section } from './types.ts';

/** What a search found: the best through the whole pipeline, what nothing beats, and the nearest that works. */
export function searchSections(search: Search): Section[] {
  return [asked(search), ...nearestSection(search), bestSection(search), whySection(search), pareto(search)];
}

function asked(s: Search): Section {
  const { watts, runSeconds } = s.limits;
  const limits = [
    watts === null ? [] : [`at most ${formatPower(watts)}`],
    runSeconds === null ? [] : [`at most ${runSeconds / 86_400} days`],
  ].flat();
  return {
    id: 'search',
    title: `Searched: least ${s.objective}${limits.length > 0 ? `, ${limits.join(', ')}` : ''}`,
    columns: [left(), left()],
    rows: [
      ['plans that model, batch and cluster allow', quantity(s.considered, 'count')],
      ['that fit memory and limits', quantity(s.fitting, 'count')],
      ['worked out in full', quantity(s.evaluated, 'count')],
      ['a GPU costs an hour', quantity(s.rates.hour, 'money')],
      ['and draws at the grid', quantity(s.rates.watts, 'power')],
    ],
    notes: ['Bounds rule out the other fitting plans: none of them could make a list below.'],
  };
}

function nearestSection({ nearest }: Search): Section[] {
  if (nearest === null) return [];
  return [
    {
      id: 'nearest',
      title: "The plan nearest to the spec's own that works",
      columns: [left(), left()],
      rows: [
        ['plan', planText(nearest.plan)],
        ['changes', nearest.changes.length > 0 ? nearest.changes.join(', ') : 'none'],
        ['step', quantity(nearest.stepSeconds, 'seconds')],
        ['memory', `${formatBytes(nearest.memory)}, ${formatPercent(nearest.headroom)} free`],
      ],
      notes: [],
    },
  ];
}

const NUMBERS: readonly Column[] = [
  right('GPUs'),
  right('step'),
  right('run'),
  right('cost'),
  right('energy'),
  right('power'),
  right('free memory'),
  right('MFU'),
];

function numbers(p: ScoredPlan): Cell[] {
  return [
    quantity(p.gpus, 'count'),
    quantity(p.stepSeconds, 'seconds'),
    quantity(p.runSeconds, 'seconds'),
    quantity(p.usd, 'money'),
    quantity(p.joules, 'energy'),
    quantity(p.watts, 'power'),
    quantity(p.headroom, 'percent'),
    quantity(p.mfu, 'percent'),
  ];
}

function bestSection({ best, own }: Search): Section {
  const misfit = own === null || own.fits ? [] : ["The spec's own plan does not fit its GPUs."];
  return {
    id: 'best',
    title: 'Best, each with its own network, placement and routes',
    columns: [left(), ...NUMBERS],
    rows: [
      ...best.map((p, i): Cell[] => [String(i + 1), ...numbers(p)]),
      ...(own === null ? [] : [["the spec's own", ...numbers(own)]]),
    ],
    notes: [...misfit, ...estimates(best)],
  };
}

/** How far the search's own estimate was from the whole pipeline. */
function estimates(best: readonly Finalist[]): string[] {
  const off = best.map((p) => Math.abs(p.estimatedSeconds / p.stepSeconds - 1));
  return [
    `Estimates of the search, without hot links, were within ${formatPercent(Math.max(...off))} of these.`,
  ];
}

function whySection({ best }: Search): Section {
  return {
    id: 'best-why',
    title: 'What they are, and why they win',
    columns: [left(), left()],
    rows: best.flatMap((p, i): Cell[][] => [
      [String(i + 1), planText(p.plan)],
      ['', networkText(p)],
      ['', p.why],
    ]),
    notes: [],
  };
}

function networkText({ network: n }: Finalist): string {
  const planes = n.planes > 1 ? `${n.planes} planes of ` : '';
  const leaves =
    n.crossLeafBytes > 0
      ? `${formatBytes(n.crossLeafBytes)} a step between leaves`
      : 'nothing between leaves';
  return `${n.topology}, ${planes}${n.layers} layers, ${n.switches} switches; ${leaves}`;
}

/** Rows that a page shows; all are in the JSON. */
const SHOWN = 12;

function pareto({ pareto: set }: Search): Section {
  const shown = spread(set);
  return {
    id: 'pareto',
    title: `Nothing beats these in time, cost, power and free memory at once (${shown.length} of ${set.length}, estimated)`,
    columns: [
      left('plan'),
      right('GPUs'),
      right('run'),
      right('cost'),
      right('power'),
      right('free'),
      left('why'),
    ],
    rows: shown.map((p) => [
      shortText(p.plan),
      quantity(p.gpus, 'count'),
      quantity(p.runSeconds, 'seconds'),
      quantity(p.usd, 'money'),
      quantity(p.watts, 'power'),
      quantity(p.headroom, 'percent'),
      p.why,
    ]),
    notes: [
      't tensor, p pipeline, c context, d data, e expert; m microbatch; z ZeRO, /n: over n data ranks a copy; r recompute.',
    ],
  };
}

/** Those that are best in something, and of the rest as many as there is room for, evenly by rank. */
function spread(set: readonly ParetoPlan[]): ParetoPlan[] {
  const named = set.filter((p) => !p.why.includes('slower'));
  const rest = set.filter((p) => p.why.includes('slower'));
  const room = Math.max(0, SHOWN - named.length);
  const every = Math.max(1, rest.length / room);
  const some = rest.filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every));
  const shown = new Set([...named.slice(0, SHOWN), ...some.slice(0, room)]);
  return set.filter((p) => shown.has(p));
}

function planText(p: ParallelPlan): string {
  const chunks = p.virtualStages > 1 ? ` x ${p.virtualStages}` : '';
  return (
    `tensor ${p.tensor}, pipeline ${p.pipeline}, data ${p.data}, context ${p.context}, expert ${p.expert}; ` +
    `microbatch ${p.microbatch}, ${p.schedule}${chunks}, recompute ${p.recompute}, ZeRO ${p.zero}${p.shard === undefined ? '' : ` over ${p.shard}`}`
  );
}

function shortText(p: ParallelPlan): string {
  const chunks = p.virtualStages > 1 ? ` x${p.virtualStages}` : '';
  const degrees = [
    `t${p.tensor}`,
    `p${p.pipeline}`,
    ...(p.context > 1 ? [`c${p.context}`] : []),
    `d${p.data}`,
    ...(p.expert > 1 ? [`e${p.expert}`] : []),
  ];
  return `${degrees.join(' ')} m${p.microbatch} z${p.zero}${p.shard === undefined ? '' : `/${p.shard}`} r-${p.recompute} ${p.schedule}${chunks}`;
}
