import { expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { prepareStep } from './evaluator.ts';
import { stepTimeline } from './timeline.ts';
import { korthikantiTrials, prepareTrial } from './trials.ts';

it('a timeline is a trace of every pass of every rank, none after the step ends', () => {
  const catalog = builtin();
  const { trial, table } = prepareTrial(korthikantiTrials(catalog)[2]!, catalog);
  const { model, training, parallelism } = trial;
  const evaluator = prepareStep(model, catalog.find('gpu', 'a100')!, catalog);
  const step = evaluator.evaluate({ training, parallelism }, table);
  const text = [...stepTimeline(evaluator, { training, parallelism }, table, step)].join('');
  const { traceEvents } = JSON.parse(text) as {
    traceEvents: { name: string; ph: string; pid: number; tid: number; ts: number; dur: number }[];
  };
  const computes = traceEvents.filter((e) => e.ph === 'X' && e.tid === 0);
  const { pipeline, virtualStages, data } = parallelism;
  const microbatches = training.batch / (data * training.microbatch);
  expect(computes).toHaveLength(pipeline * (2 * virtualStages * microbatches + 1));
  for (const e of computes) expect((e.ts + e.dur) / 1e6).toBeLessThanOrEqual(step.seconds * 1.000001);
});
