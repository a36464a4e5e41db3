import { describe, expect, test } from 'vitest';
import { issue } from '../base/issue.ts';
import { fail } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { initSpec, presets } from './init.ts';
import { specJsonSchema } from './json-schema.ts';
import { PRESETS } from './presets.ts';
import { readSpec } from './read.ts';

const files = { read: () => fail([issue({ code: 'cannot-read', message: 'none' })]) };

function resolve(text: string) {
  const result = readSpec(text, 'a.yaml', files, builtin());
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  const { defaults: _, expect: expectations, ...spec } = result.value;
  return { ...spec, expect: expectations.map((e) => e.text) };
}

describe('initSpec', () => {
  test.each(presets)('%s written at length is the same spec as the example', (name) => {
    const text = initSpec(name);
    expect(text.ok && resolve(text.value)).toEqual(resolve(PRESETS[name]!));
  });

  test('every field of the schema is there with its meaning', () => {
    const text = initSpec('small-32');
    const lines = text.ok ? text.value.split('\n') : [];
    for (const key of ['context', 'oversubscription', 'queuePairs', 'gpuHour', 'recompute']) {
      const at = lines.findIndex((l) => new RegExp(`^ *(# )?${key}:`, 'u').test(l));
      expect(lines[at - 1]).toMatch(/^ *# [A-Z]\w+ .*\.$/u);
    }
  });

  test('an unknown preset names the nearest', () => {
    expect(initSpec('deepsek-v3')).toMatchObject({ ok: false, issues: [{ nearest: 'deepseek-v3' }] });
  });
});

describe('specJsonSchema', () => {
  const schema = specJsonSchema() as Node;

  test('says which keys there are, which are needed and what each means', () => {
    expect(schema).toMatchObject({
      $schema: expect.stringContaining('draft-07'),
      type: 'object',
      required: ['model', 'cluster'],
    });
    expect(undescribed(schema, 'spec')).toEqual([]);
    expect(schema.properties?.['training']?.properties?.['precision']?.enum).toContain('fp8');
  });
});

interface Node {
  readonly properties?: Record<string, Node>;
  readonly anyOf?: readonly Node[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
}

function undescribed(node: Node, path: string): string[] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    ...(child.description === undefined ? [`${path}.${key}`] : []),
    ...undescribed(child, `${path}.${key}`),
  ]);
  return [...inner, ...(node.anyOf ?? []).flatMap((form) => undescribed(form, path))];
}
