import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inspectLog } from '../../src/inspect/inspect.ts';

/**
 * Logs of a real training (11 million parameters, 700 steps, one H100; examples/gpu/faulty_training.py) to which something
 * was done at step 421: which kinds of events must be found, and nothing else. Faults that act between gradients and
 * optimizer, or after it, show one or two steps later.
 */
const DONE: Readonly<Record<string, readonly string[]>> = {
  'clean-100': [],
  'clean-101': [],
  'clean-102': [],
  'clean-103': [],
  // One channel of one layer eight times too large from then on: the model takes no notice.
  'lane-times-8': [],
  'lane-times-1000': ['divergence gradNorm', 'spike loss'],
  'bad-batch': ['spike gradNorm', 'spike loss'],
  'bad-data': ['spike gradNorm', 'spike loss'],
  'rate-20x': ['divergence loss', 'spike gradNorm'],
  'rate-200x': ['divergence loss', 'spike gradNorm'],
  'rate-stays-50x': ['divergence loss', 'spike gradNorm'],
  'weights-times-4': ['spike gradNorm'],
  'moments-lost': ['spike gradNorm', 'spike loss'],
  'nan-gradient': ['nan gradNorm', 'nan loss'],
  'stall-1s': ['stall speed'],
  'stall-5s': ['stall speed'],
  'slow-40': ['slowdown speed'],
  'slow-100': ['slowdown speed'],
  restart: ['restart steps'],
};
const STEP = 421;

describe('inspect on logs of a real GPU', () => {
  it.each(Object.entries(DONE))('%s', async (name, expected) => {
    const log = readFileSync(`test/fixtures/h100-logs/${name}.csv.gz`);
    const result = await inspectLog([log], name);
    if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('; '));
    const { events } = result.value;
    expect(events.map((e) => `${e.kind} ${e.series}`).sort()).toEqual(expected);
    for (const e of events) expect(Math.abs(e.step - STEP)).toBeLessThanOrEqual(2);
  });
});
