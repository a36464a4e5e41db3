import { asCsv, syntheticRun } from '../scripts/logs.mjs';
import { inspectLog } from '../src/inspect/inspect.ts';
import { bench } from './harness.ts';

bench({
  name: 'inspect a training log, CSV of 39 bytes a step',
  group: 'inspect',
  setup: ({ smoke }) =>
    new TextEncoder().encode(asCsv(syntheticRun({ seed: 1, steps: smoke ? 2_000 : 200_000 }).rows)),
  run: async (log) => {
    const result = await inspectLog([log], 'bench');
    return result.ok ? result.value.events.length : -1;
  },
  work: (log) => [log.length / 1e6, 'MB'],
  note: 'streamed: a log of 2 GB takes the same memory',
});
