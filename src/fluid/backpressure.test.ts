import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackpressureRates } from './backpressure.ts';
import { simulate } from './simulate.ts';
import type { FluidPaths } from './types.ts';

function pathsOf(lists: readonly (readonly number[])[]): FluidPaths {
  const start = new Uint32Array(lists.length + 1);
  for (const [p, list] of lists.entries()) start[p + 1] = start[p]! + list.length;
  return { count: lists.length, start, link: Uint32Array.from(lists.flat()), share: null };
}

function rates(capacity: readonly number[], lists: readonly (readonly number[])[]): number[] {
  const solver = new BackpressureRates(Float64Array.from(capacity), pathsOf(lists));
  for (const p of lists.keys()) solver.setWeight(p, 1);
  solver.solve();
  return [...solver.rate];
}

/** Slow and obvious: all rise; at a full link all on it stop, and again all who share a link before where one was stopped. */
function oracle(capacity: readonly number[], lists: readonly (readonly number[])[]): number[] {
  const rate = lists.map(() => -1);
  const level = (l: number): number => {
    const on = lists.map((list, p) => (list.includes(l) ? p : -1)).filter((p) => p >= 0);
    const rising = on.filter((p) => rate[p]! < 0);
    if (rising.length === 0) return Number.POSITIVE_INFINITY;
    const used = on.reduce((sum, p) => sum + Math.max(0, rate[p]!), 0);
    return Math.max(0, capacity[l]! - used) / rising.length;
  };
  for (;;) {
    const levels = capacity.map((_, l) => level(l));
    const least = Math.min(...levels);
    if (least === Number.POSITIVE_INFINITY) return rate;
    const full = levels.indexOf(least);
    // Links that are held: the full one, then all before any held one on the way of any path that crosses it.
    const held = new Set([full]);
    for (let before = 0; before !== held.size; ) {
      before = held.size;
      for (const [p, list] of lists.entries()) {
        if (rate[p]! >= 0) continue;
        const last = Math.max(...list.map((l, i) => (held.has(l) ? i : -1)));
        for (const l of list.slice(0, Math.max(0, last))) held.add(l);
      }
    }
    for (const [p, list] of lists.entries())
      if (rate[p]! < 0 && list.some((l) => held.has(l))) rate[p] = least;
  }
}

describe('BackpressureRates', () => {
  it('who shares a link with one that is held back is held back with it', () => {
    // Links: sender 0, trunk 1 that both senders 0 and 2 use, receivers 3 (shared by three) and 4.
    const lists = [
      [0, 1, 3],
      [2, 1, 4],
      [5, 3],
      [6, 3],
    ];
    // Max-min gives the second flow two thirds of the trunk; here it waits behind the first.
    expect(rates([9, 9, 9, 9, 9, 9, 9], lists)).toEqual([3, 3, 3, 3]);
    // Who shares nothing upstream of the full link goes on to what is left.
    expect(rates([9, 9], [[0, 1], [0], [1]])).toEqual([4.5, 4.5, 4.5]);
  });

  it('agrees with filling up by hand', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 7, maxLength: 7 }),
        fc.array(order, { minLength: 1, maxLength: 9 }),
        (capacity, lists) => {
          const ours = rates(capacity, lists);
          const slow = oracle(capacity, lists);
          for (const [p, r] of ours.entries()) expect(r).toBeCloseTo(slow[p]!, 9);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('frees what it held back when the full link has emptied', () => {
    const paths = pathsOf([
      [0, 1],
      [0, 2],
      [3, 1],
    ]);
    const flows = {
      count: 3,
      path: Int32Array.from([0, 1, 2]),
      bytes: Float64Array.from([4, 8, 4]),
      phase: null,
      offset: null,
      weight: null,
    };
    const capacity = Float64Array.from([4, 4, 4, 4]);
    const { finish } = simulate({ capacity, paths, flows, phases: null, changes: [], sharing: 'lossless' });
    // 2 each until both at link 1 are done, at 2; then the other has its last 4 bytes at 4 a second.
    expect([...finish]).toEqual([2, 3, 2]);
  });
});
