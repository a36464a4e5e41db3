import { readFileSync } from 'node:fs';
import { advise } from '../src/advise/advise.ts';
import { ensure, type Result } from '../src/base/result.ts';
import { builtin } from '../src/catalog/catalog.ts';
import { Estimator } from '../src/plan/estimate.ts';
import { quietContext } from '../src/plan/library.ts';
import { scale } from '../src/scaling/scale.ts';
import { searchPlans } from '../src/search/search.ts';
import { readSpec } from '../src/spec/read.ts';
import type { Spec } from '../src/spec/types.ts';
import { bench } from './harness.ts';

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('; '));
  return result.value;
}

function specOf(text: string): Spec {
  const none = { read: () => ({ ok: false as const, issues: [] }) };
  return value(readSpec(text, 'bench', none, builtin()));
}

/** 5,128 is 8 x 641: no plan of this batch fills it, the best leave a server idle. */
const MEGATRON_530B = `
model: turing-nlg-530b
training: {sequence: 2048, batch: 2564, tokens: 270G}
parallelism: {tensor: 8, data: 641}
cluster: {node: hgx-a100-8nic, gpus: 5128}
`;

const OPTIONS = {
  objective: 'time',
  top: 5,
  limits: { power: Infinity, runSeconds: Infinity },
  rates: { hour: 2, watts: 1000 },
} as const;

bench({
  name: 'search: 530B on 5,128 A100',
  group: 'step',
  setup: ({ smoke }) => {
    if (smoke)
      return specOf('model: llama-3.1-8b\ntraining: {batch: 64}\ncluster: {node: hgx-h100, gpus: 16}');
    const spec = specOf(MEGATRON_530B);
    return { ...spec, training: { ...spec.training, batch: 2560 } };
  },
  // A new estimator each time: nothing is remembered from run to run.
  run: (spec) => searchPlans(spec, new Estimator(spec, builtin()), OPTIONS),
  runs: 3,
  bar: { seconds: 1 },
  detail: ({ considered, fitting, evaluated, best }) =>
    `${considered} plans, ${fitting} fit, ${evaluated} simulated; best ${ensure(best[0], 'a plan').stepSeconds.toFixed(2)} s a step`,
  peer: { label: 'Calculon', seconds: 44.8, source: 'its own exhaustive search, two cores, no fabric' },
});

bench({
  name: 'advise: DeepSeek-V3 on 2,048 H800',
  group: 'step',
  setup: ({ smoke }) => specOf(readFileSync(`examples/${smoke ? 'small-32' : 'deepseek-v3'}.yaml`, 'utf8')),
  run: async (spec) => value(await advise(spec, quietContext(builtin(), spec.seed))).advice.evaluated,
  runs: 2,
  bar: { seconds: 5 },
  detail: (evaluated) => `${evaluated} jobs through the whole pipeline`,
  note: 'one thread; the command uses a thread a core',
});

bench({
  name: 'scale: DeepSeek-V3 on 2,048 H800',
  group: 'step',
  setup: ({ smoke }) => specOf(readFileSync(`examples/${smoke ? 'small-32' : 'deepseek-v3'}.yaml`, 'utf8')),
  run: async (spec) => value(await scale({ spec, without: [] }, quietContext(builtin(), spec.seed))),
  runs: 2,
  bar: { seconds: 5 },
  detail: ({ out, up }) => {
    const points = [out, ...up].reduce((sum, path) => sum + path.points.length, 0);
    return `${points} points, each a whole plan`;
  },
  note: 'one thread',
});
