import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { planJson, planSpec } from '../../src/plan/library.ts';

const schema = z.fromJSONSchema(JSON.parse(readFileSync('schema/plan.schema.json', 'utf8')));

it.each(['small-32', 'deepseek-v3', 'roce-oversubscribed', 'llama-3.1-405b'])(
  'the plan of %s is what its published schema says',
  async (name) => {
    const result = await planSpec(readFileSync(`examples/${name}.yaml`, 'utf8'));
    if (!result.ok) throw new Error(JSON.stringify(result.issues));
    const plan = JSON.parse(planJson(result.value.plan));
    const checked = schema.safeParse(plan);
    expect(checked.error?.issues.slice(0, 5) ?? []).toEqual([]);
    expect(schema.safeParse({ ...plan, version: 2 }).success).toBe(false);
    expect(schema.safeParse({ ...plan, extra: 1 }).success).toBe(false);
  },
);

it('refers only to definitions that it has', () => {
  const text = readFileSync('schema/plan.schema.json', 'utf8');
  const { $defs } = JSON.parse(text) as { $defs: Record<string, unknown> };
  for (const [, name] of text.matchAll(/"#\/\$defs\/([^"]+)"/g)) expect(Object.keys($defs)).toContain(name);
});
