import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos3 } from '../../test/support/fabrics.ts';
import { fabric, hops, policies, twoOperations } from '../../test/support/two-operations.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { completion, invocationOf } from '../flow/completion.ts';
import { LoadEngine, linkLoads } from '../flow/loads.ts';
import { type FlowPaths, flowPaths } from '../flow/paths.ts';
import { hash4 } from '../numeric/random.ts';
import { nextHops } from '../routes/next-hops.ts';
import { adaptiveIsIdeal, idealCapacity, idealPaths } from './ideal.ts';
import { slowdowns } from './slowdown.ts';

const capacity = idealCapacity(fabric, hops, 1);

function trunked(flows: Flows): FlowPaths {
  const flow = Int32Array.from({ length: flows.count }, (_, f) => f);
  const share = new Float64Array(flows.count).fill(1);
  return { ...idealPaths(fabric, hops, flows), parts: flows.count, flow, share };
}

describe('slowdowns', () => {
  it('are those of simulating every operation on all links and on trunks', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), policies, (seed, count, routes) => {
        const flows = twoOperations(seed, count);
        const engine = new LoadEngine(fabric, hops, flows);
        const all = [0, 1].flatMap((o) => {
          const once = invocationOf(engine, o);
          const ways = flowPaths(fabric, hops, once, routes);
          const free = completion(trunked(once), once, capacity);
          return [...completion(ways, once, fabric.linkRate)].map((t, f) => Math.max(1, t / free[f]! || 1));
        });
        all.sort((a, b) => a - b);
        const expected = all[Math.ceil(0.99 * all.length) - 1]!;
        const { p99, leftOut, load } = slowdowns(fabric, hops, flows, routes);
        expect(leftOut).toBe(0);
        expect(Math.abs(p99 - expected)).toBeLessThanOrEqual(1e-6 * expected);
        expect(load).toEqual(linkLoads(fabric, hops, flows, routes));
      }),
      // With a flow to itself beside equal ones, as random seeds rarely draw.
      { numRuns: 150, examples: [[1557873211, 4, { kind: 'adaptive' }]] },
    );
  });
});

describe('adaptive routing on a tree', () => {
  /** Three layers; links above the leaves a quarter as fast, so that they can bind; `cut` cables (permille) are dead. */
  function tree(seed: number, cut: number): Fabric {
    const whole = clos3(4);
    const inner = (l: number): boolean =>
      whole.linkFrom[l]! >= whole.endpoints && whole.linkTo[l]! >= whole.endpoints;
    const dead = (l: number): boolean => hash4(Math.min(l, whole.linkReverse[l]!), seed, 0, 0) % 1000 < cut;
    return {
      ...whole,
      linkRate: whole.linkRate.map((rate, l) => (inner(l) ? rate / 4 : rate)),
      linkAlive: whole.linkAlive.map((alive, l) => (inner(l) && dead(l) ? 0 : alive)),
    };
  }

  it('is the ideal where it fills trunks evenly: every flow ends when it does there', () => {
    const counts = { ideal: 0, other: 0 };
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 60), fc.integer({ min: 1, max: 30 }), (seed, cut, count) => {
        const f = tree(seed, cut);
        const h = nextHops(f);
        const flows = twoOperations(seed, count);
        const capacities = idealCapacity(f, h, 1);
        const isIdeal = adaptiveIsIdeal(f, h, flows, capacities);
        counts[isIdeal ? 'ideal' : 'other']++;
        if (cut === 0) expect(isIdeal).toBe(true);
        if (!isIdeal) return;
        const real = completion(flowPaths(f, h, flows, { kind: 'adaptive' }), flows, f.linkRate);
        const flow = Int32Array.from({ length: flows.count }, (_, i) => i);
        const share = new Float64Array(flows.count).fill(1);
        const ways = { ...idealPaths(f, h, flows), parts: flows.count, flow, share };
        const free = completion(ways, flows, capacities);
        real.forEach((t, i) => {
          if (t < Number.POSITIVE_INFINITY) expect(Math.abs(t - free[i]!)).toBeLessThanOrEqual(1e-9 * t);
        });
      }),
      { numRuns: 60 },
    );
    expect(Math.min(counts.ideal, counts.other)).toBeGreaterThan(5);
  });
});
