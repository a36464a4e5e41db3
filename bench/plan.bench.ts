import { readFileSync } from 'node:fs';
import { planText } from '../src/plan/library.ts';
import { bench } from './harness.ts';

/**
 * A whole plan, from the text of the spec to the JSON: catalog, every stage, default ECMP seeds, one thread. The first
 * run of each process counts too (no warm-up), since that is what somebody at a terminal waits for.
 */
const PLANS = [
  { example: 'deepseek-v3', name: 'plan 2,048 GPUs, 8 planes', bar: { seconds: 0.5 } },
  {
    example: 'deepseek-v3-16k',
    name: 'plan 16,384 GPUs, 8 planes',
    bar: { seconds: 2, peakBytes: 512 * 2 ** 20 },
  },
  { example: 'cluster-65536', name: 'plan 65,536 GPUs, three layers', bar: { seconds: 10 } },
] as const;

for (const { example, name, bar } of PLANS) {
  bench({
    name,
    group: 'plan',
    setup: ({ smoke }) => readFileSync(`examples/${smoke ? 'small-32' : example}.yaml`, 'utf8'),
    run: (text) => planText(text),
    warmUp: 0,
    runs: 3,
    bar,
  });
}
