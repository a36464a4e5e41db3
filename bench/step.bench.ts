import { builtin } from '../src/catalog/catalog.ts';
import type { StepEvaluator } from '../src/step/evaluator.ts';
import { prepareStep } from '../src/step/evaluator.ts';
import { korthikantiTrials, prepareTrial } from '../src/step/trials.ts';
import type { CommunicationTable, StepJob } from '../src/step/types.ts';
import { bench } from './harness.ts';

interface State {
  readonly evaluator: StepEvaluator;
  readonly jobs: readonly { readonly job: StepJob; readonly table: CommunicationTable }[];
}

/** Plans of Megatron 530B as a search meets them: tensor, pipeline, chunks, microbatch and recomputation vary. */
function plans(): State {
  const catalog = builtin();
  const base = korthikantiTrials(catalog).find((t) => t.id === 'KOR5.530B.selective')!;
  const evaluator = prepareStep(base.model, catalog.find('gpu', 'a100')!, catalog);
  const jobs: { job: StepJob; table: CommunicationTable }[] = [];
  for (const tensor of [1, 2, 4, 8]) {
    for (const pipeline of [1, 3, 5, 7, 15, 21, 35]) {
      for (const chunks of [1, 3]) {
        for (const microbatch of [1, 2]) {
          for (const recompute of ['none', 'selective', 'full'] as const) {
            if ((chunks > 1 && pipeline === 1) || pipeline * chunks > 105) continue;
            const data = 8;
            const training = { ...base.training, batch: 2240, microbatch, recompute };
            const parallelism = {
              ...base.parallelism,
              tensor,
              pipeline,
              data,
              sequence: tensor > 1,
              zero: 1 as const,
              schedule: chunks > 1 ? ('interleaved' as const) : ('1f1b' as const),
              virtualStages: chunks,
            };
            const { table } = prepareTrial({ ...base, training, parallelism }, catalog);
            jobs.push({ job: { training, parallelism }, table });
          }
        }
      }
    }
  }
  return { evaluator, jobs };
}

const ROUNDS = 40;

bench({
  name: 'step: plans of a 530B model',
  group: 'step',
  setup: plans,
  run: ({ evaluator, jobs }) => {
    let sum = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const { job, table } of jobs) sum += evaluator.evaluate(job, table, 'closed').seconds;
    }
    return sum;
  },
  work: ({ jobs }) => [ROUNDS * jobs.length, 'plans'],
  peer: { label: 'Calculon', seconds: 1 / 183, source: 'one plan of 183 a second, on two cores' },
  note: 'one thread, communication tables cached, schedules by closed forms',
});
