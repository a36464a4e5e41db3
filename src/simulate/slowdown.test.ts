import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { completion, invocationOf } from '../flow/completion.ts';
import { LoadEngine, linkLoads } from '../flow/loads.ts';
import { type FlowPaths, flowPaths } from '../flow/paths.ts';
import { stream } from '../numeric/random.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { Routes } from '../routes/types.ts';
import { idealCapacity, idealPaths } from './ideal.ts';
import { slowdowns } from './slowdown.ts';

/** Leaves with more hosts than uplinks, so that links between switches can be what binds. */
const fabric: Fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 4, rate: 10 });
const hops = nextHops(fabric);

/** Two operations: one of equal flows, one of flows of different sizes, several invocations each. */
function twoOperations(seed: number, count: number): Flows {
  const random = stream(seed, 'operations');
  const ends = () => Int32Array.from({ length: 2 * count }, () => random.below(fabric.endpoints));
  return {
    count: 2 * count,
    src: ends(),
    dst: ends(),
    bytes: Float64Array.from({ length: 2 * count }, (_, f) => (f < count ? 12 : 1 + random.below(40))),
    operation: Uint16Array.from({ length: 2 * count }, (_, f) => (f < count ? 0 : 1)),
    invocations: new Float64Array(2 * count).fill(4),
    operations: ['equal', 'unequal'],
  };
}

const policies = fc.constantFrom<Routes>(
  { kind: 'adaptive' },
  { kind: 'ecmp', seed: 3, queuePairs: 2 },
  moduloTables(fabric, hops),
);

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
