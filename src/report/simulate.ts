import type { FailureOutcome, LinkCause, RoutingOutcome, Simulation, Spread } from '../simulate/types.ts';
import { formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** Flows of a workload under several routings: one table to compare them, then each by itself. */
export function simulationSections(simulation: Simulation): Section[] {
  const { outcomes } = simulation;
  return [
    comparison(simulation),
    ...(simulation.jobs.length > 1 ? outcomes.map(jobs) : []),
    ...outcomes.flatMap((o) => (o.failure === null ? [] : [suffering(o, o.failure)])),
    ...outcomes.map(hotLinks),
  ];
}

function comparison({ outcomes, flows, bytes, fidelity }: Simulation): Section {
  const packet = 'with the start-up and protocol cost of packets';
  return {
    id: 'simulated',
    title: `Completion of ${flows} flows`,
    columns: [
      left('routing'),
      right('whole'),
      right('over seeds'),
      right('mean'),
      right('p50'),
      right('p90'),
      right('p99'),
      right('max'),
      right('slowdown'),
      right('p99'),
    ],
    rows: outcomes.map((o): Cell[] => [
      o.routing,
      quantity(o.completion.median, 'seconds'),
      range(o.completion, o.seeds),
      quantity(o.mean.median, 'seconds'),
      quantity(o.p50.median, 'seconds'),
      quantity(o.p90.median, 'seconds'),
      quantity(o.p99.median, 'seconds'),
      quantity(o.max.median, 'seconds'),
      quantity(o.slowdown.mean.median, 'ratio'),
      quantity(o.slowdown.p99.median, 'ratio'),
    ]),
    notes: [
      `${Math.round(bytes / flows)} bytes a flow on average; each figure is the median over the seeds; ${fidelity === 'packet' ? packet : 'bytes flow as water, without latency'}.`,
      'Slowdown: time of a flow over its time with the network to itself, mean and 99th percentile.',
    ],
  };
}

function range({ min, max }: Spread, seeds: number): Cell {
  return seeds === 1 ? null : `${formatSeconds(min)} - ${formatSeconds(max)} (${seeds})`;
}

function jobs(outcome: RoutingOutcome): Section {
  return {
    id: `jobs-${outcome.routing}`,
    title: `Jobs side by side, ${outcome.routing}`,
    columns: [
      left('job'),
      right('flows'),
      right('bytes'),
      right('alone'),
      right('beside the others'),
      right('interference'),
    ],
    rows: outcome.jobs.map((j): Cell[] => [
      j.job,
      quantity(j.flows, 'count'),
      quantity(j.bytes, 'bytes'),
      quantity(j.alone, 'seconds'),
      quantity(j.completion, 'seconds'),
      j.alone > 0 ? quantity(j.completion / j.alone, 'ratio') : null,
    ]),
    notes: [],
  };
}

function suffering({ routing, completion }: RoutingOutcome, failure: FailureOutcome): Section {
  const { rerouted, slowed, stranded, without, worst } = failure;
  return {
    id: `failure-${routing}`,
    title: `Failure under way, ${routing}: who suffers most`,
    columns: [left('from'), left('to'), left('job'), right('ends without it'), right('with it')],
    rows: worst.map((w): Cell[] => [
      w.from,
      w.to,
      w.job,
      quantity(w.without, 'seconds'),
      w.with === null ? 'never' : quantity(w.with, 'seconds'),
    ]),
    notes: [
      `${rerouted} flows took another way, ${slowed} end later, ${stranded} never end. The whole: ${formatSeconds(without)} without the failure, ${formatSeconds(completion.median)} with it${stranded > 0 ? ' (of those that end)' : ''}.`,
    ],
  };
}

/** Eighths of a full link. */
const BARS = ' ▁▂▃▄▅▆▇█';

/** Utilisation over time as a line of bars, the highest a full link. */
function bars(overTime: readonly number[]): string {
  return overTime.map((u) => BARS[Math.max(0, Math.min(8, Math.ceil(8 * u - 1 / 16)))]!).join('');
}

function hotLinks({ routing, hotLinks: links }: RoutingOutcome): Section {
  return {
    id: `hot-${routing}`,
    title: `Hot links, ${routing}`,
    columns: [
      left('link'),
      right('busy'),
      left('over time'),
      right('bytes'),
      right('flows'),
      left('most by'),
    ],
    rows: links.map((h): Cell[] => [
      h.link,
      quantity(h.utilisation, 'percent'),
      bars(h.overTime),
      quantity(h.bytes, 'bytes'),
      quantity(h.flows, 'count'),
      cause(h.causes),
    ]),
    notes: [],
  };
}

function cause([first]: readonly LinkCause[]): string {
  return first === undefined ? '' : `${(100 * first.share).toFixed(0)} % ${first.from} to ${first.to}`;
}

/** The same for machines, without the runs: flow by flow they are in the files of --out. */
export function simulationJson(simulation: Simulation): object {
  return {
    ...simulation,
    outcomes: simulation.outcomes.map(({ run: _, capacity: __, ...rest }) => rest),
  };
}
