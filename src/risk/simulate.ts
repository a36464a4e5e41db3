import type { Context, Task } from '../base/context.ts';
import { stream } from '../numeric/random.ts';
import { COLUMNS, Column, type RunEvent, type RunModel, simulateRun } from './run.ts';
import type { Simulation, TimelineEvent, TimeShares } from './types.ts';

/** Runs handed to a worker at once; results do not depend on it. */
const CHUNK = 250;
const BINS = 20;
const DAY = 86_400;

/**
 * `runs` independent runs of the model, each with a generator of its own (seed, 'risk.run', run), so that the result is the
 * same however they are shared out. O(failures) in all.
 */
export async function simulateRuns(
  model: RunModel,
  runs: number,
  { seed, parallel }: Pick<Context, 'seed' | 'parallel'>,
): Promise<Simulation> {
  const items = Array.from({ length: Math.ceil(runs / CHUNK) }, (_, i) => {
    const start = i * CHUNK;
    return { model, seed, start, count: Math.min(CHUNK, runs - start) };
  });
  // One chunk is done sooner than a thread starts.
  const parts = items.length === 1 ? [await riskRuns.run(items[0]!)] : await parallel.map(riskRuns, items);
  const table = new Float64Array(runs * COLUMNS);
  parts.forEach((part, i) => {
    table.set(part.table, items[i]!.start * COLUMNS);
  });
  const unfinished = parts.reduce((sum, part) => sum + part.unfinished, 0);
  return { ...summarise(table, runs), unfinished };
}

/** The events of the first of these runs; `components` names the model's in their order. */
export function timelineOf(model: RunModel, components: readonly string[], seed: number): TimelineEvent[] {
  const events: RunEvent[] = [];
  simulateRun(model, stream(seed, 'risk.run', 0), new Float64Array(COLUMNS), events);
  return events.map(({ component, ...event }) => ({
    ...event,
    what: component < 0 ? 'planned stop' : components[component]!,
  }));
}

interface RunChunk {
  readonly model: RunModel;
  readonly seed: number;
  readonly start: number;
  readonly count: number;
}

interface RunTable {
  /** COLUMNS entries a run. */
  readonly table: Float64Array;
  readonly unfinished: number;
}

/** Runs `count` runs from `start` on. */
export const riskRuns: Task<RunChunk, RunTable> = {
  name: 'risk-runs',
  run({ model, seed, start, count }) {
    const table = new Float64Array(count * COLUMNS);
    let unfinished = 0;
    for (let i = 0; i < count; i++) {
      const row = table.subarray(i * COLUMNS, (i + 1) * COLUMNS);
      if (!simulateRun(model, stream(seed, 'risk.run', start + i), row)) unfinished++;
    }
    return { table, unfinished };
  },
};

function summarise(table: Float64Array, runs: number): Omit<Simulation, 'unfinished'> {
  const sums = new Float64Array(COLUMNS);
  for (let i = 0; i < table.length; i++) sums[i % COLUMNS]! += table[i]!;
  const elapsed = sums[Column.elapsed]!;
  const column = (c: number) => Float64Array.from({ length: runs }, (_, i) => table[i * COLUMNS + c]!);
  const days = column(Column.elapsed)
    .map((s) => s / DAY)
    .sort();
  const ratios = column(Column.useful)
    .map((useful, i) => useful / table[i * COLUMNS + Column.elapsed]!)
    .sort();
  const ettr = sums[Column.useful]! / elapsed;
  return {
    runs,
    ettr,
    standardError: standardError(table, runs, ettr),
    failures: sums[Column.failures]! / runs,
    ettrQuantiles: quantiles(ratios),
    days: { mean: elapsed / runs / DAY, ...quantiles(days), histogram: histogram(days) },
    shares: sharesOf(sums),
  };
}

function sharesOf(sums: Float64Array): TimeShares {
  const share = (c: number) => sums[c]! / sums[Column.elapsed]!;
  return {
    useful: share(Column.useful),
    lost: share(Column.lost),
    stalls: share(Column.stalls),
    slow: share(Column.slow),
    detection: share(Column.detection),
    restart: share(Column.restart),
    waiting: share(Column.waiting),
    maintenance: share(Column.maintenance),
  };
}

/** Of the ratio of sums, by the delta method: deviations of useful time from the ratio times elapsed time. */
function standardError(table: Float64Array, runs: number, ettr: number): number {
  if (runs < 2) return 0;
  let squares = 0;
  let elapsed = 0;
  for (let i = 0; i < runs; i++) {
    const time = table[i * COLUMNS + Column.elapsed]!;
    const deviation = table[i * COLUMNS + Column.useful]! - ettr * time;
    squares += deviation * deviation;
    elapsed += time;
  }
  return Math.sqrt((squares * runs) / (runs - 1)) / elapsed;
}

function quantiles(sorted: Float64Array): { p5: number; p50: number; p95: number } {
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95) };
}

function histogram(sorted: Float64Array): { from: number; to: number; counts: number[] } {
  const from = sorted[0]!;
  const to = sorted.at(-1)!;
  const counts = new Array<number>(BINS).fill(0);
  for (const x of sorted) {
    const bin = to > from ? Math.min(BINS - 1, Math.floor(((x - from) / (to - from)) * BINS)) : 0;
    counts[bin] = counts[bin]! + 1;
  }
  return { from, to, counts };
}
