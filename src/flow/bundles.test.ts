import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import type { Flows } from '../fabric/types.ts';
import { hash4 } from '../numeric/random.ts';
import { nextHops } from '../routes/next-hops.ts';
import { bundled } from './bundles.ts';
import { completion, latestEnd } from './completion.ts';
import { flowPaths } from './paths.ts';

describe('bundles', () => {
  it('end when each of their flows does, simulated alone', () => {
    const adaptive = { kind: 'adaptive' } as const;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 23 }),
        fc.integer({ min: 1, max: 3 }),
        (seed, shift, sizes) => {
          const whole = clos2({ leaves: 4, spines: 3, hostsPerLeaf: 6 });
          const linkAlive = whole.linkAlive.map((_, l) =>
            hash4(Math.min(l, whole.linkReverse[l]!), seed, 0, 0) % 8 === 0 ? 0 : 1,
          );
          // Leaves of six hosts and three uplinks, some of them and some NICs dead.
          const fabric = { ...whole, linkAlive };
          const hops = nextHops(fabric);
          const ids = Array.from({ length: fabric.endpoints }, (_, e) => e);
          const flows: Flows = {
            count: ids.length,
            src: Int32Array.from(ids),
            dst: Int32Array.from(ids, (e) => (e + shift) % ids.length),
            bytes: Float64Array.from(ids, (e) => 1e6 * (1 + (hash4(e, seed, 1, 0) % sizes))),
            operation: new Uint16Array(ids.length),
            invocations: new Float64Array(ids.length).fill(1),
            operations: ['a'],
          };
          const bundles = bundled(fabric, hops, flows, fabric.linkRate);
          fc.pre(bundles !== null);
          const { flows: told, members, of, capacity } = bundles;
          const ways = flowPaths(fabric, hops, flows, adaptive);
          const alone = completion(ways, flows, fabric.linkRate);
          const bundledWays = flowPaths(fabric, hops, told, adaptive);
          const ends = completion(bundledWays, told, capacity, members);
          for (let f = 0; f < flows.count; f++) {
            if (alone[f] === Number.POSITIVE_INFINITY) expect(ends[of[f]!]).toBe(alone[f]);
            else expect(Math.abs(ends[of[f]!]! - alone[f]!)).toBeLessThanOrEqual(1e-9 * alone[f]!);
          }
          const latest = latestEnd(ways, flows, fabric.linkRate);
          expect(Math.abs(latestEnd(bundledWays, told, capacity, members) - latest)).toBeLessThanOrEqual(
            1e-9 * latest,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are not made of flows that share a NIC', () => {
    const fabric = clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2 });
    const flows: Flows = {
      count: 2,
      src: Int32Array.of(0, 0),
      dst: Int32Array.of(2, 3),
      bytes: Float64Array.of(1, 1),
      operation: new Uint16Array(2),
      invocations: Float64Array.of(1, 1),
      operations: ['a'],
    };
    expect(bundled(fabric, nextHops(fabric), flows, fabric.linkRate)).toBeNull();
  });
});
