import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oracle } from '../../test/support/fluid-oracle.ts';
import { fluidSystem, smallSystems as systems } from '../../test/support/fluid-systems.ts';
import { stream } from '../numeric/random.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { partsOf } from './parts.ts';
import { simulate } from './simulate.ts';
import type { FluidSystem } from './types.ts';

/** True when two times differ by more than rounding. */
function apart(a: number, b: number): boolean {
  return a !== b && !(Math.abs(a - b) <= HAIR * Math.max(a, b));
}

describe('simulate', () => {
  it('ends every flow when filling up from scratch at every event does', () => {
    fc.assert(
      fc.property(systems, (system) => {
        const ours = simulate(system);
        const slow = oracle(system);
        const wrong = slow.finish.flatMap((finish, f) =>
          apart(ours.begin[f]!, slow.begin[f]!) || apart(ours.finish[f]!, finish)
            ? [[f, ours.begin[f], slow.begin[f], ours.finish[f], finish]]
            : [],
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 800 },
    );
  });

  it('gives the same for parts by themselves, each flow in one of them', () => {
    fc.assert(
      fc.property(systems, (system) => {
        const whole = simulate(system);
        const seen = new Int32Array(system.flows.count);
        const wrong: unknown[] = [];
        for (const part of partsOf(system, 1)) {
          const alone = simulate(part.system);
          part.flows.forEach((f, i) => {
            seen[f]!++;
            if (apart(whole.finish[f]!, alone.finish[i]!)) wrong.push([f, whole.finish[f], alone.finish[i]]);
          });
        }
        expect(wrong).toEqual([]);
        expect(seen.every((n) => n === 1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('shares a link evenly, then gives the rest to those who are left', () => {
    // Links of 10 and 4: the flow over both and the short one get 2 each on the narrow one, the wide one has 8 left.
    const system = fluidSystem({
      capacity: [10, 4],
      paths: [[0, 1], [0], [1]],
      flows: [
        { path: 0, bytes: 8 },
        { path: 1, bytes: 8 },
        { path: 2, bytes: 2 },
      ],
    });
    // At 1 the short one ends (as does the wide one, 8 / 8); the first goes on with 4: (8 - 2) / 4 = 1.5 more.
    expect([...simulate(system).finish]).toEqual([2.5, 1, 1]);
  });

  it('puts a split flow on all its links at once', () => {
    // Half over a link of 2, half over one of 10: 4 altogether. The other flow takes what is left of the wide one.
    const system = fluidSystem({
      capacity: [2, 10],
      paths: [
        [
          [0, 0.5],
          [1, 0.5],
        ],
        [1],
      ],
      flows: [
        { path: 0, bytes: 8 },
        { path: 1, bytes: 16 },
      ],
    });
    expect([...simulate(system).finish]).toEqual([2, 2]);
  });

  it('lets phases wait, compute and follow one another', () => {
    const system = fluidSystem({
      capacity: [1],
      paths: [[0]],
      flows: [
        { path: 0, bytes: 2, phase: 0 },
        { path: 0, bytes: 1, phase: 2 },
      ],
      // Dispatch at 1, then a computation of 3 without flows, then combine.
      phases: [
        { delay: 1, after: [] },
        { delay: 3, after: [0] },
        { delay: 0, after: [1] },
      ],
    });
    const { finish, phaseBegin, phaseFinish, makespan } = simulate(system);
    expect([...finish]).toEqual([3, 7]);
    expect([...phaseBegin]).toEqual([1, 6, 6]);
    expect([...phaseFinish]).toEqual([3, 6, 7]);
    expect(makespan).toBe(7);
  });

  it('goes on by another path when a link dies, and waits where there is none', () => {
    const system = fluidSystem({
      capacity: [1, 2],
      paths: [[0], [1]],
      flows: [
        { path: 0, bytes: 4 },
        { path: 0, bytes: 4 },
      ],
      changes: [{ time: 2, links: [{ link: 0, capacity: 0 }], reroutes: [{ flow: 1, path: 1 }] }],
    });
    // Each has sent 1 by then; the second sends its other 3 at 2 a second.
    expect([...simulate(system).finish]).toEqual([Number.POSITIVE_INFINITY, 3.5]);
  });

  it('accounts for every byte on every link, none above its capacity', () => {
    fc.assert(
      fc.property(systems, fc.integer({ min: 1, max: 9 }), (system, intervals) => {
        // With a dead link bytes of flows that never end are on the way too, and under changes nothing bounds them simply.
        const still = { ...system, changes: [], capacity: system.capacity.map((c) => c || 1) };
        const { usage, finish } = simulate(still, { intervals });
        const wrong: unknown[] = [];
        const expected = bytesByLink(still, finish);
        for (let l = 0; l < still.capacity.length; l++) {
          const row = usage!.bytes.subarray(l * usage!.intervals, (l + 1) * usage!.intervals);
          const sum = row.reduce((a, b) => a + b, 0);
          if (Math.abs(sum - expected[l]!) > HAIR * expected[l]!) wrong.push([l, sum, expected[l]]);
          const most = still.capacity[l]! * usage!.width * (1 + HAIR);
          if (row.some((bytes) => bytes > most)) wrong.push([l, row, most]);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('solves equal parts once', () => {
    const random = stream(1, 'twins');
    const half = Array.from({ length: 5000 }, () => ({ path: random.below(7), bytes: 1 + random.uniform() }));
    const chain = (first: number) => Array.from({ length: 7 }, (_, p) => [first + p, first + p + 1]);
    const system = fluidSystem({
      capacity: new Array(16).fill(3),
      paths: [...chain(0), ...chain(8)],
      flows: [...half, ...half.map((f) => ({ ...f, path: f.path + 7 }))],
    });
    const { stats, finish } = simulate(system);
    expect(stats).toMatchObject({ parts: 2, solved: 1 });
    expect(finish.subarray(5000)).toEqual(finish.subarray(0, 5000));
  });
});

function bytesByLink({ paths, flows, capacity }: FluidSystem, finish: Float64Array): Float64Array {
  const bytes = new Float64Array(capacity.length);
  for (let f = 0; f < flows.count; f++) {
    const p = flows.path[f]!;
    if (p < 0 || finish[f] === Number.POSITIVE_INFINITY) continue;
    for (let i = paths.start[p]!; i < paths.start[p + 1]!; i++) {
      bytes[paths.link[i]!]! += flows.bytes[f]! * (paths.share?.[i] ?? 1);
    }
  }
  return bytes;
}
