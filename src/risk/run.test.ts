import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inline } from '../base/context.ts';
import { type Stream, stream } from '../numeric/random.ts';
import { exactEttr, failureLoad, firstOrderEttr } from './ettr.ts';
import { exactInterval } from './interval.ts';
import { blockingModel } from './model.ts';
import { COLUMNS, Column, type RunModel, simulateRun } from './run.ts';
import { simulateRuns } from './simulate.ts';

const DAY = 86_400;
const cycle = { rate: 5 / DAY, interval: 1800, write: 60, detection: 120, restart: 300, queue: 60 };
const plain: RunModel = {
  ...blockingModel(cycle, 30 * DAY),
  cumulative: Float64Array.of(0.7, 1),
  fromMemory: Uint8Array.of(1, 0),
  evicts: Uint8Array.of(1, 0),
};
const model = (change: Partial<RunModel>): RunModel => ({ ...plain, ...change });

/** The same run by walking through every piece of compute, copy and checkpoint, with the same draws. */
function walk(m: RunModel, random: Stream): { elapsed: number; useful: number; failures: number } {
  const draws = m.copies > 0;
  let now = 0;
  let base = 0;
  let safe = 0;
  let copied = 0;
  let restart = 0;
  let failures = 0;
  for (;;) {
    let left = random.exponential() / m.rate;
    const component = draws ? (random.uniform() < m.cumulative[0]! ? 0 : 1) : 0;
    const end = m.horizon;
    let progress = base;
    const pass = (seconds: number): boolean => {
      const step = Math.min(seconds, left, end - now);
      now += step;
      left -= step;
      return step === seconds;
    };
    let up = pass(restart);
    const writes: { at: number; progress: number }[] = [];
    while (up) {
      const pieces = Math.max(1, m.copies);
      for (let i = 0; i < pieces && up; i++) {
        const before = now;
        up = pass(m.interval / pieces);
        progress += now - before;
        if (up && m.copies > 0) {
          up = pass(m.copyStall);
          if (up) copied = progress;
        }
      }
      if (up) up = pass(m.stall);
      if (up) writes.push({ at: now + m.lag, progress });
    }
    if (now >= end) return { elapsed: now, useful: progress, failures };
    for (const w of writes) if (w.at <= now) safe = w.progress;
    failures++;
    const kept = m.copies > 0 && m.fromMemory[component] === 1 && copied > safe;
    base = kept ? copied : safe;
    if (!kept) copied = safe;
    now += m.detection + m.queue;
    restart = m.restart;
    if (now >= end) return { elapsed: now, useful: base, failures };
  }
}

describe('a simulated run', () => {
  it('jumps from failure to failure as one that is walked through', () => {
    const models = fc.record({
      rate: fc.double({ min: 1 / DAY, max: 60 / DAY, noNaN: true }),
      interval: fc.double({ min: 100, max: 20_000, noNaN: true }),
      stall: fc.double({ min: 0, max: 600, noNaN: true }),
      lag: fc.double({ min: 0, max: 90, noNaN: true }),
      copies: fc.integer({ min: 0, max: 4 }),
      copyStall: fc.double({ min: 0, max: 20, noNaN: true }),
      restart: fc.double({ min: 0, max: 3000, noNaN: true }),
    });
    fc.assert(
      fc.property(models, fc.nat(), (change, seed) => {
        const m = model({ ...change, horizon: 5 * DAY });
        const row = new Float64Array(COLUMNS);
        simulateRun(m, stream(seed, 'test', 0), row);
        const slow = walk(m, stream(seed, 'test', 0));
        expect(row[Column.failures]).toBe(slow.failures);
        expect(row[Column.elapsed]).toBeCloseTo(slow.elapsed, 5);
        expect(row[Column.useful]).toBeCloseTo(slow.useful, 4);
      }),
      { numRuns: 200 },
    );
  });

  it('accounts for every second, whatever happens', () => {
    const models = fc.record({
      copies: fc.integer({ min: 0, max: 4 }),
      spares: fc.constantFrom(0, 2, 50),
      lemons: fc.integer({ min: 0, max: 20 }),
      lemonRate: fc.constantFrom(0, 1 / DAY),
      maintenanceEvery: fc.constantFrom(Number.POSITIVE_INFINITY, DAY),
      slowEvery: fc.constantFrom(Number.POSITIVE_INFINITY, DAY / 2),
      work: fc.constantFrom(Number.POSITIVE_INFINITY, 8 * DAY),
    });
    fc.assert(
      fc.property(models, fc.nat(), (change, seed) => {
        const m = model({ ...change, maintenanceLasts: 900, slowLasts: 7200, slowdown: 2, repair: DAY / 4 });
        const row = new Float64Array(COLUMNS);
        const finished = simulateRun(m, stream(seed, 'test', 0), row);
        const parts = row.slice(Column.useful).reduce((sum, x) => sum + x, 0);
        expect(parts / row[Column.elapsed]!).toBeCloseTo(1, 9);
        expect([...row].every((x) => x >= 0)).toBe(true);
        if (finished) expect(row[Column.useful]).toBeCloseTo(m.work, 6);
      }),
    );
  });

  it('lets lemons break until they are taken out, and then no more', () => {
    const m = model({ rate: 0, lemons: 5, lemonRate: 100 / DAY, lemonAfter: 3 });
    const row = new Float64Array(COLUMNS);
    simulateRun(m, stream(1, 'test', 0), row);
    expect(row[Column.failures]).toBe(15);
  });

  it('waits for a repair when no spare is left', () => {
    const m = model({ rate: 1 / DAY, cumulative: Float64Array.of(1, 1), spares: 0, repair: DAY / 2 });
    const row = new Float64Array(COLUMNS);
    simulateRun(m, stream(1, 'test', 0), row);
    expect(row[Column.waiting]! / row[Column.failures]!).toBeCloseTo(DAY / 2 + m.queue, 6);
  });
});

describe('simulated runs', () => {
  const context = { seed: 7, parallel: inline };

  it.each([
    ['few failures', { rate: 3 / DAY }],
    ['many', { rate: 30 / DAY, horizon: 10 * DAY }],
    ['too many', { rate: 150 / DAY, horizon: 5 * DAY, stall: 200 }],
  ])('agree with the exact form: %s', async (_, change) => {
    const m = model(change);
    const { ettr } = await simulateRuns(m, 1000, context);
    const { rate, interval, stall: write, detection, restart, queue } = m;
    expect(ettr / exactEttr({ rate, interval, write, detection, restart, queue })).toBeCloseTo(1, 2.3);
  });

  it('are the same however they are shared out', async () => {
    const backwards = {
      workers: 3,
      map: async <A, R>(task: { run: (item: A) => R | Promise<R> }, items: readonly A[]) => {
        const results = new Array<R>(items.length);
        for (let i = items.length - 1; i >= 0; i--) results[i] = await task.run(items[i]!);
        return results;
      },
    };
    const once = await simulateRuns(plain, 600, context);
    expect(await simulateRuns(plain, 600, { seed: 7, parallel: backwards })).toEqual(once);
    expect(await simulateRuns(plain, 600, { ...context, seed: 8 })).not.toEqual(once);
  });

  it('meet the first order where failures cost little', async () => {
    const rate = 4 / DAY;
    const write = 5;
    const interval = exactInterval(write, 1 / rate);
    const cycle = { rate, interval, write, detection: 60, restart: 240, queue: 0 };
    expect(failureLoad(cycle)).toBeLessThan(0.05);
    const { ettr } = await simulateRuns(blockingModel(cycle, 54 * DAY), 500, context);
    expect(ettr / firstOrderEttr(cycle)).toBeCloseTo(1, 2);
  });
});
