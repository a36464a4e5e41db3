import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedDualPipe, closedTimes } from './closed.ts';
import { dualPipeTimes } from './dualpipe.ts';
import { type PipelineInput, pipelineTimes } from './pipeline.ts';

const list = (n: number, value: (i: number) => number) =>
  Float64Array.from({ length: n }, (_, i) => value(i));

/** Ranks alike but for the two ends, which hold tables. */
const inputs = (schedule: PipelineInput['schedule']) =>
  fc
    .record({
      ranks: fc.integer({ min: 1, max: 9 }),
      chunks: schedule === 'interleaved' ? fc.integer({ min: 2, max: 4 }) : fc.constant(1),
      turns: fc.integer({ min: 1, max: 8 }),
      forward: fc.double({ min: 0.5, max: 1.5, noNaN: true }),
      backward: fc.double({ min: 0.5, max: 2, noNaN: true }),
      weight: fc.double({ min: 0.5, max: 1, noNaN: true }),
      ends: fc.double({ min: 1, max: 1.4, noNaN: true }),
      send: fc.double({ min: 0, max: 0.1, noNaN: true }),
    })
    .map((r): PipelineInput => {
      const n = r.ranks * r.chunks;
      const of = (x: number) => list(n, (i) => (i === 0 || i === n - 1 ? x * r.ends : x));
      return {
        schedule,
        ranks: r.ranks,
        chunks: r.chunks,
        microbatches: r.ranks * r.turns,
        forward: of(r.forward),
        backward: of(r.backward),
        weight: of(r.weight),
        send: r.send,
        blocking: false,
      };
    });

describe('schedules', () => {
  it('equal stages of 1F1B take (m + p - 1)(F + B), GPipe the same', () => {
    for (const schedule of ['1f1b', 'gpipe'] as const) {
      const times = pipelineTimes({
        schedule,
        ranks: 4,
        chunks: 1,
        microbatches: 12,
        forward: list(4, () => 1),
        backward: list(4, () => 1),
        weight: list(4, () => 1),
        send: 0,
        blocking: false,
      });
      expect(times.seconds).toBeCloseTo((12 + 3) * 3, 9);
      expect(times.busy[2]).toBeCloseTo(36, 9);
    }
  });

  it('interleaving divides the bubble by the chunks', () => {
    const ranks = 4;
    const chunks = 3;
    const of = (x: number) => list(ranks * chunks, () => x / chunks);
    const times = pipelineTimes({
      schedule: 'interleaved',
      ranks,
      chunks,
      microbatches: 16,
      forward: of(1),
      backward: of(1),
      weight: of(1),
      send: 0,
      blocking: false,
    });
    expect(times.seconds - 16 * 3).toBeCloseTo(((ranks - 1) * 3) / chunks, 6);
  });

  it('zero-bubble takes no longer than 1F1B (its filling of gaps is greedy), nor less than its busiest rank', () => {
    fc.assert(
      fc.property(inputs('zero-bubble'), (input) => {
        const zero = pipelineTimes(input);
        const plain = pipelineTimes({ ...input, schedule: '1f1b' });
        expect(zero.seconds).toBeLessThanOrEqual(plain.seconds * 1.02);
        expect(zero.seconds).toBeGreaterThanOrEqual(Math.max(...zero.busy) - 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['1f1b', 0.06],
    ['gpipe', 0.06],
    ['interleaved', 0.14],
  ] as const)('closed forms of %s come within %d of the simulation', (schedule, near) => {
    fc.assert(
      fc.property(inputs(schedule), (input) => {
        const ratio = closedTimes(input).seconds / pipelineTimes(input).seconds;
        expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(near);
      }),
      { numRuns: 80 },
    );
  });

  it('a faster pass or send never makes a step slower', () => {
    fc.assert(
      fc.property(inputs('1f1b'), fc.integer({ min: 0, max: 8 }), (input, at) => {
        const faster = { ...input, forward: input.forward.slice(), send: input.send * 0.9 };
        faster.forward[at % input.ranks]! *= 0.8;
        expect(pipelineTimes(faster).seconds).toBeLessThanOrEqual(pipelineTimes(input).seconds + 1e-9);
        expect(closedTimes(faster).seconds).toBeLessThanOrEqual(closedTimes(input).seconds + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('DualPipe does every pass once, on every rank, and its closed form is near', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: 0.4, max: 0.8, noNaN: true }),
        (half, turns, w) => {
          const ranks = 2 * half;
          const microbatches = 2 * ranks * turns;
          const of = (x: number) => list(2 * ranks, () => x);
          const input = {
            ranks,
            microbatches,
            forward: of(1),
            backward: of(1.2),
            weight: of(w),
            paired: of((2.2 + w) * 0.95),
            send: 0.01,
          };
          const seen = new Set<string>();
          const times = dualPipeTimes(input, (rank, pass, m, direction) => {
            if (pass === 'weight') return;
            seen.add(`${pass === 'both' ? 'forward' : pass} ${rank} ${direction} ${m}`);
          });
          const forwards = [...seen].filter((s) => s.startsWith('forward'));
          expect(forwards).toHaveLength(ranks * microbatches);
          expect(Math.abs(closedDualPipe(input).seconds / times.seconds - 1)).toBeLessThan(0.03);
        },
      ),
      { numRuns: 25 },
    );
  });
});
