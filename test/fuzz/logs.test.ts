import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asCsv, asJsonl, asMegatron, asTensorboard, syntheticRun } from '../../scripts/logs.mjs';
import { inspectLog } from '../../src/inspect/inspect.ts';

const { rows } = syntheticRun({
  seed: 4,
  steps: 160,
  events: [
    { kind: 'spike', step: 90, length: 6, height: 1, norm: 8 },
    { kind: 'restart', step: 130, back: 20, down: 500 },
  ],
});
const encode = (text: string) => new TextEncoder().encode(text);
const logs: Record<string, Uint8Array> = {
  csv: encode(asCsv(rows)),
  jsonl: encode(asJsonl(rows)),
  megatron: encode(asMegatron(rows, 160)),
  tensorboard: asTensorboard(rows),
};

const damage = fc.array(
  fc.record({
    kind: fc.constantFrom('cut', 'double', 'drop', 'put', 'byte'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.integer({ min: 1, max: 300 }),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc
        .constantFrom(
          '\n',
          ',',
          '"',
          'NaN',
          '1e999',
          '-5',
          '{',
          '}',
          '|',
          'iteration 9/ 9 |',
          '9'.repeat(400),
        )
        .map(encode),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

function damaged(
  log: Uint8Array,
  changes: typeof damage extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  return changes.reduce((bytes, { kind, at, size, bytes: put }) => {
    const i = Math.floor(at * bytes.length);
    const before = bytes.subarray(0, i);
    const after = bytes.subarray(i);
    if (kind === 'cut') return before;
    const parts = {
      double: [before, after.subarray(0, size), after],
      drop: [before, after.subarray(size)],
      put: [before, put, after],
      byte: [before, put.subarray(0, 1), after.subarray(1)],
    }[kind as 'put'];
    return new Uint8Array(Buffer.concat(parts));
  }, log);
}

test.each(Object.keys(logs))(
  'a damaged %s log is read or refused, with few issues, and nothing is invented',
  async (name) => {
    const log = logs[name]!;
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = damaged(log, changes);
        const result = await inspectLog([bytes], 'run');
        expect(result.issues.length).toBeLessThan(200);
        for (const i of result.issues) expect(i.message.length).toBeLessThan(400);
        if (!result.ok) {
          expect(result.issues.length).toBeGreaterThan(0);
          return;
        }
        const { events, series, log: read, ettr } = result.value;
        // Every event is somewhere in the log, and no series has more points than there are numbers.
        for (const e of events) {
          expect(Number.isSafeInteger(e.step) && e.step >= 0 && e.line >= 1 && e.line <= read.lines).toBe(
            true,
          );
          expect(Number.isFinite(e.size)).toBe(true);
          expect(e.confidence).toBeGreaterThanOrEqual(0.5);
        }
        expect(series.reduce((n, s) => n + s.points, 0)).toBeLessThanOrEqual(read.points);
        for (const s of series) {
          for (const values of [s.course.low, s.course.high, s.course.mean])
            expect(values.every(Number.isFinite)).toBe(true);
        }
        if (ettr !== null) {
          expect(ettr.ettr).toBeGreaterThanOrEqual(-1e-9);
          expect(ettr.ettr).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { numRuns: 120 },
    );
  },
);

test('garbage is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      const result = await inspectLog([bytes], 'run');
      expect(result.issues.length).toBeGreaterThan(0);
    }),
    { numRuns: 150 },
  );
});
