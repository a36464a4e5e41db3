import { expect, test } from 'vitest';
import { fail } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { evaluate } from '../plan/evaluate.ts';
import { quietContext } from '../plan/library.ts';
import { readSpec } from '../spec/read.ts';
import type { Spec } from '../spec/types.ts';
import { fittingPlan } from './fitting.ts';

const catalog = builtin();
const context = quietContext(catalog, 1);

function specOf(model: string, gpus: number, more = ''): Spec {
  const text = `
model: ${model}
training: {batch: 128, sequence: 4096, tokens: 10G}
parallelism: {tensor: 8${more}}
cluster: {node: hgx-h100, gpus: ${gpus}}
`;
  const spec = readSpec(text, 'a.yaml', { read: () => fail([]) }, catalog);
  if (!spec.ok) throw new Error(JSON.stringify(spec.issues));
  return spec.value;
}

const plan = async (spec: Spec) => {
  const made = await evaluate({ spec, without: [] }, context, { fitting: fittingPlan });
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  return made.value.plan;
};

test('a plan that fits names no other', async () => {
  expect(await plan(specOf('llama-3.1-8b', 16))).not.toHaveProperty('fitting');
});

test('one that does not names the nearest that does, by what to change', async () => {
  const { step, fitting } = await plan(specOf('llama-3.1-70b', 64, ', zero: 0'));
  expect(step!.memory.fits).toBe(false);
  expect(fitting!.changes).toEqual(['zero: 0 -> 1']);
  expect(fitting!.gpus).toBe(64);
  expect(fitting!.memory).toBeLessThanOrEqual(step!.memory.capacity);
});

test('where nothing fits the cluster, it grows', async () => {
  const { fitting } = await plan(specOf('llama-3.1-405b', 8));
  expect(fitting!.changes[0]).toMatch(/^gpus: 8 -> \d+$/u);
  expect(fitting!.gpus).toBeGreaterThan(8);
});
