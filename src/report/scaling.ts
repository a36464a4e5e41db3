import type { Ceiling, Equivalent, Frontier, ScalePath, ScalePoint, Scaling } from '../scaling/types.ts';
import { formatCount } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** Both ways to more: curves as tables, their ceilings, where they meet, and what they buy. */
export function scalingSections(scaling: Scaling): Section[] {
  return [
    pathSection(scaling.out, scaling),
    ...scaling.up.map((path) => pathSection(path, scaling)),
    equivalentSection(scaling),
    reachSection(scaling),
    endSection(scaling),
  ];
}

function pathSection(path: ScalePath, { base }: Scaling): Section {
  const { ceiling } = path;
  const failed = path.points.filter((p) => p.problem !== undefined);
  return {
    id: `scaling-${path.id}`,
    title: `${path.id === 'out' ? 'Out' : 'Up'}: ${path.title}`,
    columns: [
      left(''),
      right('GPUs'),
      right('step'),
      right('run'),
      right('speed'),
      right('of linear'),
      right('MFU'),
      right('ETTR'),
      right('per M tokens'),
    ],
    rows: path.points.map((point) => pointRow(point, base, path)),
    notes: [
      ...failed.map((p) => `${p.label}: ${p.problem}`),
      ...(ceiling === null ? [] : [ceilingNote(ceiling)]),
    ],
  };
}

function ceilingNote({ reached, factor, gpus, doubling, cause, why }: Ceiling): string {
  const gain = doubling === null ? '' : `, where a doubling gains ${format(doubling)}`;
  const where = reached ? 'ceiling' : 'no ceiling up to here';
  return `${where}: ${formatCount(gpus)} GPUs, factor ${format(factor)}${gain} (${cause}): ${why}`;
}

const format = (factor: number): string => String(Math.round(factor * 1000) / 1000);
const MILLION = 1_000_000;

function pointRow(point: ScalePoint, base: ScalePoint, path: ScalePath): Cell[] {
  const { label, gpus, factor, result } = point;
  const name = path.id === 'out' ? '' : label;
  if (result === undefined) return [name, quantity(gpus, 'count'), null, null, null, null, null, null, null];
  const speed = base.result!.runSeconds / result.runSeconds;
  const cost = result.usdPerToken;
  return [
    name,
    quantity(gpus, 'count'),
    quantity(result.stepSeconds, 'seconds'),
    quantity(result.runSeconds, 'seconds'),
    quantity(speed, 'ratio'),
    quantity(speed / factor, 'percent'),
    quantity(result.mfu, 'percent'),
    result.ettr === null ? null : quantity(result.ettr, 'percent'),
    cost === null || (path.id !== 'out' && path.id !== 'gpu') ? null : quantity(cost * MILLION, 'money'),
  ];
}

function equivalentSection({ equivalents, crossover }: Scaling): Section {
  const row = (e: Equivalent): Cell[] => [
    e.label,
    quantity(e.speedup, 'ratio'),
    e.gpus === null ? 'no number of them' : quantity(Math.round(e.gpus), 'count'),
    e.usdPerToken === null ? null : quantity(e.usdPerToken * MILLION, 'money'),
    e.outUsdPerToken === null ? null : quantity(e.outUsdPerToken * MILLION, 'money'),
  ];
  return {
    id: 'scaling-equivalents',
    title: 'Up against out: present GPUs that do the same',
    columns: [
      left('better machine'),
      right('speed'),
      right('present GPUs'),
      right('up, per M tokens'),
      right('out'),
    ],
    rows: equivalents.map(row),
    notes: [
      crossover === null
        ? 'no crossover among these sizes: doubling the machines gains more than any better server of the catalog'
        : `crossover: from ${formatCount(crossover.gpus)} GPUs on doubling gains ${format(crossover.doubling)}, less than ${crossover.label} (${format(crossover.speedup)})`,
    ],
  };
}

function reachSection({ out, up, reachDays }: Scaling): Section {
  const rows: Cell[][] = [];
  for (const path of [out, ...up]) {
    for (const { label, factor, result } of path.points) {
      if (result === undefined || (factor === 1 && path.id !== 'out')) continue;
      const { flops, parameters, tokens, loss } = result.reach;
      rows.push([
        label,
        quantity(flops, 'flop'),
        quantity(parameters.value, 'count'),
        `${formatCount(parameters.low)} to ${formatCount(parameters.high)}`,
        quantity(tokens.value, 'count'),
        `${loss.value.toFixed(3)} (${loss.low.toFixed(2)} to ${loss.high.toFixed(2)})`,
      ]);
    }
  }
  return {
    id: 'scaling-reach',
    title: `What ${format(Math.round(reachDays * 10) / 10)} days of it train best (dense model; 90 % of the fit's errors)`,
    columns: [
      left(''),
      right('compute'),
      right('parameters'),
      right('from, to'),
      right('tokens'),
      right('loss, nats a token'),
    ],
    rows,
    notes: [],
  };
}

function endSection({ scalability, frontier, notes }: Scaling): Section {
  const rows: Cell[][] = [];
  if (scalability !== null) {
    const { contention, coherency, peak, error } = scalability;
    rows.push(
      ['contention (Amdahl part)', contention.toExponential(2)],
      ['coherency', coherency.toExponential(2)],
      ['throughput peaks at', peak === null ? 'never' : quantity(Math.round(peak), 'count')],
      ['error of the fit', quantity(error, 'percent')],
    );
  }
  return {
    id: 'scaling-end',
    title: 'Where it ends: universal scalability and data movement',
    columns: [left(), left()],
    rows: [...rows, ...frontierRows(frontier)],
    notes,
  };
}

function frontierRows(f: Frontier): Cell[][] {
  return [
    [
      'a doubling pays up to (GPUs, by the fit)',
      f.gpus === null ? 'any size' : quantity(Math.round(f.gpus), 'count'),
    ],
    ['this run', quantity(f.jobFlops, 'flop')],
    ['largest run of three months among these sizes', quantity(f.largestFlops, 'flop')],
    ['published: data movement costs utilisation from', quantity(f.publishedUtilisation, 'flop')],
    ['published: latency forbids from', quantity(f.publishedLatency, 'flop')],
  ];
}
