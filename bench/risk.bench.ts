import { inline } from '../src/base/context.ts';
import type { Cycle } from '../src/risk/ettr.ts';
import { exactInterval } from '../src/risk/interval.ts';
import { blockingModel } from '../src/risk/model.ts';
import type { RunModel } from '../src/risk/run.ts';
import { simulateRuns } from '../src/risk/simulate.ts';
import { bench } from './harness.ts';

const DAY = 86_400;
const RUN = 54 * DAY;

/** 16,384 GPUs at the rate of RSC-1 (13.3 failures a day), a checkpoint of a minute. */
function job(perNodeDay: number): RunModel {
  const rate = (2048 * perNodeDay) / DAY;
  const cycle: Cycle = {
    rate,
    interval: exactInterval(60, 1 / rate),
    write: 60,
    detection: 60,
    restart: 240,
    queue: 30,
  };
  return blockingModel(cycle, RUN);
}

/** The same with everything on: copies in memory, spares, lemons, planned stops, slow nodes. */
function everything(): RunModel {
  const m = job(6.5e-3);
  return {
    ...m,
    cumulative: Float64Array.of(0.45, 0.62, 0.76, 0.84, 0.92, 1),
    fromMemory: Uint8Array.of(1, 1, 1, 1, 1, 0),
    evicts: Uint8Array.of(1, 1, 0, 0, 1, 1),
    copies: 5,
    copyStall: 1,
    spares: 60,
    repair: 5 * DAY,
    lemons: 20,
    lemonRate: m.rate / 60,
    lemonAfter: 3,
    maintenanceEvery: DAY,
    maintenanceLasts: 600,
    slowEvery: DAY,
    slowLasts: 3600,
    slowdown: 1.5,
  };
}

for (const [name, model] of [
  ['10,000 runs of 54 days, 16,384 GPUs', () => job(6.5e-3)],
  ['the same with copies in memory, spares, lemons, stops and slow nodes', everything],
] as const) {
  bench({
    name,
    group: 'risk',
    setup: ({ smoke }) => ({ model: model(), runs: smoke ? 100 : 10_000 }),
    run: (state) => simulateRuns(state.model, state.runs, { seed: 1, parallel: inline }),
    runs: 3,
    bar: { seconds: 2 },
    work: (state) => [state.runs * 709, 'failures'],
  });
}
