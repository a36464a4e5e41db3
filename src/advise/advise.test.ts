import { describe, expect, test } from 'vitest';
import type { Parallel } from '../base/context.ts';
import { fail } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { evaluate } from '../plan/evaluate.ts';
import { quietContext } from '../plan/library.ts';
import { readSpec } from '../spec/read.ts';
import { advise } from './advise.ts';
import type { AdviceReport } from './types.ts';

const catalog = builtin();

function specOf(text: string) {
  const spec = readSpec(text, 'a.yaml', { read: () => fail([]) }, catalog);
  if (!spec.ok) throw new Error(JSON.stringify(spec.issues));
  return spec.value;
}

const spec = specOf(`
model: {layers: 8, hidden: 4096, vocabulary: 32000, attention: {kind: mha, heads: 32}, ffn: {kind: gated, intermediate: 11008}, experts: {routed: 16, active: 4, intermediate: 2048}}
training: {tokens: 1T, batch: 256, recompute: full, padding: 0.25}
parallelism: {tensor: 2, pipeline: 2, expert: 8, sequence: true, zero: 0}
traffic: {experts: zipf(1.1)}
cluster: {node: hgx-h100, gpus: 32}
`);

async function adviceOf(parallel?: Parallel): Promise<AdviceReport> {
  const context = { ...quietContext(catalog, 1), ...(parallel === undefined ? {} : { parallel }) };
  const found = await advise(spec, context);
  if (!found.ok) throw new Error(JSON.stringify(found.issues));
  return found.value.advice;
}

describe('advise', async () => {
  const advice = await adviceOf();
  const item = (id: string) => advice.items.find((i) => i.id === id)!;

  test('every entry of the catalog is tried, or says why not', () => {
    expect(advice.items.map((i) => i.id).sort()).toEqual([...catalog.ids('advice')].sort());
    expect(advice.items.filter((i) => i.reason === 'no lever is known for it')).toEqual([]);
    for (const i of advice.items) {
      expect(i.source.length).toBeGreaterThan(10);
      if (i.status === 'tried') expect(i.changes?.length).toBeGreaterThan(0);
      if (i.status === 'idle' || i.status === 'impossible') expect(i.reason?.length).toBeGreaterThan(5);
    }
  });

  test('all four cells of the grid have something tried', () => {
    const cells = advice.items.filter((i) => i.status === 'tried').map((i) => `${i.row} ${i.column}`);
    expect(new Set(cells).size).toBe(4);
  });

  test('an effect is that of the changed job, planned as a whole', async () => {
    const changed = { ...spec, training: { ...spec.training, precision: 'fp8' as const } };
    const planned = await evaluate({ spec: changed, without: [] }, quietContext(catalog, 1));
    const { step, economy } = planned.ok ? planned.value.plan : {};
    expect(item('precision.fp8').outcome?.stepSeconds).toBe(step?.seconds);
    expect(item('precision.fp8').outcome?.usd).toBe(economy?.run?.usd);
    expect(item('precision.fp8').gain?.time).toBeCloseTo(1 - step!.seconds / advice.own.stepSeconds, 12);
  });

  test('packing turns padding into tokens', () => {
    expect(item('packing').gain?.time).toBeCloseTo(0.25, 12);
    expect(item('packing').outcome?.stepSeconds).toBe(advice.own.stepSeconds);
  });

  test('a gain that only papers report has no computed figure', () => {
    expect(item('data.mix')).toMatchObject({ status: 'literature' });
    expect(item('data.mix').gain).toBeUndefined();
    expect(item('data.mix').literature).toContain('2.6 times fewer steps');
  });

  test('combinations are planned together and beat their best part', () => {
    const single = advice.items.find(
      (i) => i.status === 'tried' && i.row === 'software' && i.share === undefined,
    )!;
    expect(advice.pair!.gain.time).toBeGreaterThan(single.gain!.time);
    expect(advice.set!.gain.time).toBeGreaterThanOrEqual(advice.pair!.gain.time);
    // Two that set one field are never put together.
    expect(advice.set!.ids.filter((id) => id.startsWith('precision.')).length).toBeLessThanOrEqual(1);
  });

  test('is the same from threads', async () => {
    const threads: Parallel = {
      workers: 3,
      map: async (task, items) => Promise.all(items.map((i) => task.run(structuredClone(i)))),
    };
    expect(await adviceOf(threads)).toEqual(advice);
  });
});
