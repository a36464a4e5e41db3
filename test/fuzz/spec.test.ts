import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { issue } from '../../src/base/issue.ts';
import { fail } from '../../src/base/result.ts';
import { builtin } from '../../src/catalog/catalog.ts';
import { renderIssues } from '../../src/report/issues.ts';
import { PRESETS } from '../../src/spec/presets.ts';
import { readSpec } from '../../src/spec/read.ts';

const catalog = builtin();
const files = { read: () => fail([issue({ code: 'cannot-read', message: 'no files here' })]) };
const options = { seed: 20_250_501, numRuns: 400 };

/** Whatever goes in: a spec without NaN or infinity in it, or issues that say something and where. */
function holds(text: string): void {
  const result = readSpec(text, 'fuzz.yaml', files, catalog);
  for (const i of result.issues) {
    expect(i.message.length).toBeGreaterThan(0);
    expect(i.file).toBe('fuzz.yaml');
    expect(i.line === undefined || (i.line >= 1 && (i.column ?? 1) >= 1)).toBe(true);
  }
  expect(result.issues.length).toBeLessThanOrEqual(51);
  expect(renderIssues(result.issues).length).toBeLessThan(100_000);
  expect(result.issues.some((i) => i.severity === 'error')).toBe(!result.ok);
  if (!result.ok) return;
  expect(result.issues.every((i) => i.severity === 'warning')).toBe(true);
  expect(notFinite(result.value, 'spec')).toEqual([]);
  const { parallelism: p, cluster, training } = result.value;
  expect(p.tensor * p.pipeline * p.data * p.context).toBe(cluster.gpus);
  expect(training.batch % (p.data * training.microbatch)).toBe(0);
}

function notFinite(value: unknown, path: string): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path];
  if (value === undefined) return [path];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([k, v]) => notFinite(v, `${path}.${k}`));
}

const example = fc.constantFrom(...Object.values(PRESETS));

/** What people and machines write where something else belongs. */
const token = fc.oneof(
  fc.constantFrom(
    '0',
    '-1',
    '.nan',
    '.inf',
    '~',
    '1e400',
    '1e-400',
    '[]',
    '{}',
    '[[',
    '"',
    '*a',
    '&a x',
    '? ',
    '--- ',
    '!!int x',
    '<<: 1',
    'auto',
    '__proto__',
    'constructor',
    '64x400',
    '400 GB/s',
    '3 y',
    '١٢',
    '\t',
    '\u0000',
  ),
  fc.integer({ min: -10, max: 100_000 }).map(String),
  fc.double().map(String),
  fc.string({ maxLength: 20 }),
);

describe('readSpec gives a valid spec or clean issues', () => {
  test('for examples with a piece replaced', () => {
    fc.assert(
      fc.property(
        example,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(12),
        token,
        (text, where, length, piece) => {
          const at = Math.floor(where * text.length);
          holds(text.slice(0, at) + piece + text.slice(at + length));
        },
      ),
      options,
    );
  });

  test('for examples with a value replaced', () => {
    fc.assert(
      fc.property(example, fc.nat(60), token, (text, which, piece) => {
        const values = [...text.matchAll(/(?<=: )[^,{}[\]\n#]+/gu)];
        const { index, 0: value } = values[which % values.length]!;
        holds(text.slice(0, index) + piece + text.slice(index + value.length));
      }),
      options,
    );
  });

  test('for specs of random numbers', () => {
    const size = fc.constantFrom(0, 1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 1024);
    const parallelism = fc.record(
      { tensor: size, pipeline: size, data: size, context: size, expert: size, virtualStages: size },
      { requiredKeys: [] },
    );
    const network = fc.record(
      {
        planes: size,
        layers: fc.constantFrom(1, 2, 3, 'auto'),
        oversubscription: fc.oneof(size, fc.double()),
        hostsPerLeaf: size,
        cut: fc.double({ min: -1, max: 2 }),
      },
      { requiredKeys: [] },
    );
    const training = fc.record({ batch: size, microbatch: size, sequence: size }, { requiredKeys: [] });
    const schedule = fc.constantFrom('gpipe', '1f1b', 'interleaved', 'zero-bubble', 'dualpipe');
    const model = fc.constantFrom(...catalog.ids('model'));
    fc.assert(
      fc.property(model, parallelism, network, training, schedule, size, (name, p, n, t, s, servers) => {
        const { tensor = 1, pipeline = 1, data = 1, context = 1 } = p;
        // Half of them with the GPUs that the parallelism asks for.
        const gpus = servers % 2 === 0 ? tensor * pipeline * data * context : servers * 8;
        const spec = {
          model: name,
          parallelism: { ...p, schedule: s },
          training: t,
          cluster: { node: 'hgx-h100', gpus, network: n },
        };
        // JSON is YAML; NaN and infinity have their own spelling there.
        holds(JSON.stringify(spec));
      }),
      options,
    );
  });

  test('for any JSON, and for garbage', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), holds), options);
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), holds), options);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }).map((b) => String.fromCharCode(...b)),
        holds,
      ),
      options,
    );
  });
});
