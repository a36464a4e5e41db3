import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { advise } from '../../src/advise/advise.ts';
import type { Result } from '../../src/base/result.ts';
import { fail } from '../../src/base/result.ts';
import { builtin } from '../../src/catalog/catalog.ts';
import { serialise } from '../../src/numeric/serialise.ts';
import { quietContext } from '../../src/plan/library.ts';
import { scaleReport } from '../../src/scaling/scale.ts';
import { search } from '../../src/search/run.ts';
import { readSpec } from '../../src/spec/read.ts';
import type { Spec } from '../../src/spec/types.ts';

const catalog = builtin();

function specOf(expectations: readonly string[] = []): Spec {
  const text = `
model: llama-3.1-8b
training: {batch: 64, sequence: 2048, tokens: 10G}
parallelism: {tensor: 2, data: 8, zero: 3, shard: 4}
cluster: {node: hgx-h100, gpus: 16}
expect: [${expectations.map((e) => `'${e}'`).join(', ')}]
`;
  const spec = readSpec(text, 'a.yaml', { read: () => fail([]) }, catalog);
  if (!spec.ok) throw new Error(JSON.stringify(spec.issues));
  return spec.value;
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

const request = {
  objective: 'time',
  top: 2,
  limits: { power: Number.POSITIVE_INFINITY, runSeconds: Number.POSITIVE_INFINITY },
} as const;
const context = () => quietContext(catalog, 1);

/** What each command prints as JSON. */
const COMMANDS = {
  search: (spec: Spec) => search(spec, context(), request),
  advice: (spec: Spec) => advise(spec, context()),
  scaling: (spec: Spec) => scaleReport({ spec, without: [] }, context()),
};

describe.each([
  ['search', 'search.best[0].stepSeconds <= 1 s', 'search.fitting < 0'],
  ['advice', 'advice.evaluated > 1', 'advice.evaluated < 0'],
  ['scaling', 'scaling.base.gpus == 16', 'scaling.base.gpus == 17'],
] as const)('the result of %s', (name, holds, fails) => {
  it('is what its published schema says, and expectations of it are judged', async () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(`schema/${name}.schema.json`, 'utf8')));
    const made = value<{ checks?: { expectations: readonly { met: boolean }[] } }>(
      await COMMANDS[name](specOf([holds, fails])),
    );
    const checked = schema.safeParse(JSON.parse(serialise(made, 2)));
    expect(checked.error?.issues.slice(0, 5) ?? []).toEqual([]);
    expect(made.checks!.expectations.map((e) => e.met)).toEqual([true, false]);
    expect(schema.safeParse({ ...made, extra: 1 }).success).toBe(false);
  }, 60_000);
});

it('an expectation of another command says which one judges it', async () => {
  const made = await search(specOf(['advice.evaluated > 1']), context(), request);
  expect(made.ok).toBe(false);
  expect(made.issues[0]).toMatchObject({ code: 'absent', hint: 'planewright advise makes and judges it' });
});
