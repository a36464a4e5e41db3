import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fabric, hops, policies, twoOperations } from '../../test/support/two-operations.ts';
import type { Flows } from '../fabric/types.ts';
import { completion, invocationOf } from '../flow/completion.ts';
import { LoadEngine, linkLoads } from '../flow/loads.ts';
import { type FlowPaths, flowPaths } from '../flow/paths.ts';
import { idealCapacity, idealPaths } from './ideal.ts';
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
