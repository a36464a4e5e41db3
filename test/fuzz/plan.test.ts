import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planJson, planSpec } from '../../src/plan/library.ts';

/**
 * Random jobs on random networks, most of them impossible: either a plan whose every number is finite (the
 * serialiser refuses others) and whose routes hold, or issues that say what is wrong. Seeded, so a failure comes back.
 */

const power = (most: number) => fc.integer({ min: 0, max: most }).map((n) => 1 << n);

const job = fc.record({
  model: fc.constantFrom('deepseek-v3', 'mixtral-8x7b', 'llama-3.1-70b', 'gpt-3-175b'),
  tensor: power(3),
  pipeline: power(3),
  expert: power(6),
  data: power(6),
  zero: fc.integer({ min: 0, max: 3 }),
  schedule: fc.constantFrom('gpipe', '1f1b', 'interleaved', 'zero-bubble', 'dualpipe'),
  microbatches: power(5),
  experts: fc.constantFrom('uniform', 'zipf(0.7)', 'zipf(1.3)'),
  collective: fc.constantFrom('auto', 'ring', 'tree', 'hierarchical'),
  topology: fc.constantFrom('auto', 'multi-plane-fat-tree', 'fat-tree', 'rail-optimized'),
  planes: fc.constantFrom('auto', '1', '2', '4', '8'),
  layers: fc.constantFrom('auto', '2', '3'),
  radix: fc.constantFrom(4, 7, 8, 16, 31, 64),
  transport: fc.constantFrom('infiniband', 'roce'),
  oversubscription: fc.constantFrom(1, 1.5, 2, 7),
  nicPorts: fc.constantFrom('per-nic', 'per-plane'),
  cut: fc.constantFrom(0, 0, 0.05, 0.3),
  placement: fc.constantFrom('auto', 'linear'),
  strategy: fc.constantFrom('hybrid', 'static', 'adaptive', 'ecmp', 'modulo'),
  hotPaths: fc.constantFrom(0, 1, 64),
});

type Job = typeof job extends fc.Arbitrary<infer T> ? T : never;

const specOf = (j: Job): string => `
model: ${j.model}
training: {tokens: 1T, sequence: 4096, batch: ${j.data * j.microbatches}, microbatch: 1, precision: bf16}
parallelism: {tensor: ${j.tensor}, pipeline: ${j.pipeline}, expert: ${j.expert}, data: ${j.data}, zero: ${j.zero}, schedule: ${j.schedule}}
traffic: {experts: ${j.experts}, collective: ${j.collective}, ecmpSeeds: 3}
cluster:
  node: hgx-h100
  gpus: ${j.tensor * j.pipeline * j.data}
  network: {topology: ${j.topology}, planes: ${j.planes}, layers: ${j.layers}, switch: ${j.radix}x400G, transport: ${j.transport}, oversubscription: ${j.oversubscription}, nicPorts: ${j.nicPorts}, cut: ${j.cut}}
  placement: ${j.placement}
routing: {strategy: ${j.strategy}, hotPaths: ${j.hotPaths}}
`;

it('a random job gives a whole plan or clean issues', async () => {
  let plans = 0;
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(job, async (j) => {
      const result = await planSpec(specOf(j));
      if (!result.ok) {
        refusals++;
        expect(result.issues.length).toBeGreaterThan(0);
        for (const i of result.issues) expect(i.message.length).toBeGreaterThan(5);
        return;
      }
      plans++;
      const { plan } = result.value;
      // A detector of silent corruption has the word in its name.
      const text = planJson(plan).replaceAll('"NaN and infinity checks"', '""');
      expect(text).not.toMatch(/\b(NaN|Infinity|undefined)\b/);
      const routing = plan.routing!;
      expect(routing.deadlockFree).toBe(true);
      expect(routing.maxLoad).toBeGreaterThanOrEqual(routing.fractionalBound * (1 - 1e-9));
      if (j.cut === 0) expect(routing.reachable).toBe(true);
    }),
    { numRuns: 400, seed: 20261123 },
  );
  // A generator of nonsense only would test nothing.
  expect(plans).toBeGreaterThan(40);
  expect(refusals).toBeGreaterThan(40);
});
