import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { issue } from '../../src/base/issue.ts';
import { fail } from '../../src/base/result.ts';
import { builtin } from '../../src/catalog/catalog.ts';
import { specFrom } from '../../src/spec/from/from.ts';
import { readSpec } from '../../src/spec/read.ts';

const catalog = builtin();
const files = { read: () => fail([issue({ code: 'cannot-read', message: 'no files here' })]) };
const options = { seed: 20_261_126, numRuns: 150 };
const fixtures = readdirSync('test/fixtures/from').map((f) =>
  readFileSync(`test/fixtures/from/${f}`, 'utf8'),
);

/** Whatever goes in: a spec that passes its check, or issues that say what is wrong. */
function holds(text: string): void {
  const made = specFrom(text, 'fuzz', {}, catalog);
  expect(made.issues.every((i) => i.message.length > 0 && i.message.length < 1000)).toBe(true);
  expect(made.issues.some((i) => i.severity === 'error')).toBe(!made.ok);
  if (made.ok)
    expect(readSpec(made.value, 'made', files, catalog).issues.filter((i) => i.severity === 'error')).toEqual(
      [],
    );
}

/** A fixture with some of its parts replaced by what does not belong there. */
const damaged = fc
  .tuple(
    fc.constantFrom(...fixtures),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          '0',
          '-1',
          '1e99',
          '"',
          "'",
          '$',
          '${',
          '$((',
          '(',
          ')',
          '\\',
          '\n',
          '[',
          '{',
          '#',
          '--',
          '99999999999999999999',
          '\u0000',
          'auto',
          '7',
        ),
        fc.nat({ max: 6 }),
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([text, cuts]) =>
    cuts.reduce(
      (t, [at, put, drop]) => t.slice(0, at % t.length) + put + t.slice((at % t.length) + drop),
      text,
    ),
  );

describe('init --from never crashes, hangs or lies', () => {
  test('on damaged files', () => fc.assert(fc.property(damaged, holds), options));
  test('on words with flags', () => {
    const flag = fc.constantFrom(
      '--num-layers',
      '--hidden-size',
      '--num-experts',
      '--tensor-model-parallel-size',
      '--moe-layer-freq',
      '--num-query-groups',
      '--seq-length',
      '--bf16',
      '--vocab-size',
      '--num-attention-heads',
      '--global-batch-size',
    );
    const word = fc.oneof(flag, fc.nat().map(String), fc.string({ maxLength: 12 }));
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 40 }).map((w) => `--num-layers ${w.join(' ')}`),
        holds,
      ),
      options,
    );
  });
  test('on JSON', () => {
    const json = fc
      .json({ maxDepth: 4 })
      .map((j) => `{"train_batch_size": 8, "zero_optimization": ${j}, "bf16": ${j}}`);
    fc.assert(fc.property(json, holds), options);
  });
});
