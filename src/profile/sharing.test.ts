import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fabric, hops, policies, twoOperations } from '../../test/support/two-operations.ts';
import type { Flows } from '../fabric/types.ts';
import { completion, invocationOf, lastEnd } from '../flow/completion.ts';
import { LoadEngine, linkLoads } from '../flow/loads.ts';
import { flowPaths } from '../flow/paths.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { Routes } from '../routes/types.ts';
import { Sharing } from './sharing.ts';

/** The busiest link's time of one operation's invocation, NICs with it. */
function busiestSeconds(flows: Flows, routes: Routes): number {
  const load = linkLoads(fabric, hops, flows, routes);
  return load.reduce((most, bytes, l) => Math.max(most, bytes / fabric.linkRate[l]!), 0);
}

describe('sharing', () => {
  it('ends equal flows with the busiest link, others with it or later', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), policies, (seed, count, routes) => {
        const engine = new LoadEngine(fabric, hops, twoOperations(seed, count));
        const [equal, unequal] = [0, 1].map((o) => {
          const flows = invocationOf(engine, o);
          const last = lastEnd(completion(flowPaths(fabric, hops, flows, routes), flows, fabric.linkRate));
          return { last, busiest: busiestSeconds(flows, routes) };
        });
        expect(Math.abs(equal!.last - equal!.busiest)).toBeLessThanOrEqual(HAIR * equal!.busiest);
        expect(unequal!.last).toBeGreaterThanOrEqual(unequal!.busiest * (1 - HAIR));
      }),
      { numRuns: 200 },
    );
  });

  it('is simulated where it says more than the floor, efficiencies with it', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), policies, (seed, count, routes) => {
        const both = twoOperations(seed, count);
        const engine = new LoadEngine(fabric, hops, both);
        const flows = invocationOf(engine, 1);
        const inner = (l: number) =>
          fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints;
        const capacity = fabric.linkRate.map((rate, l) => rate * (inner(l) ? 0.9 : 0.5));
        const last = lastEnd(completion(flowPaths(fabric, hops, flows, routes), flows, capacity));
        const efficiencies = { nic: 0.5, link: 0.9 };
        const sharing = new Sharing(engine);
        expect(sharing.seconds(0, routes, efficiencies, 0)).toBe(0);
        const alone = sharing.seconds(1, routes, efficiencies, last / 2);
        // One flow, or flows that happen to be equal, need no simulation.
        if (alone !== 0) expect(Math.abs(alone - last)).toBeLessThanOrEqual(HAIR * last);
        else expect(flows.bytes.every((b) => b === flows.bytes[0])).toBe(true);
        const floored = new Sharing(engine).seconds(1, routes, efficiencies, 2 * last);
        expect(floored === 0 || floored === alone).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
