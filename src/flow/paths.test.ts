import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { hash4, stream } from '../numeric/random.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { Routes } from '../routes/types.ts';
import { linkLoads } from './loads.ts';
import { flowPaths } from './paths.ts';
import { pinHotPaths } from './pin.ts';

function damaged(fabric: Fabric, seed: number): Fabric {
  const linkAlive = fabric.linkAlive.map((alive, l) => {
    const cut = hash4(Math.min(l, fabric.linkReverse[l]!), seed, 0, 0) % 1000 < 60;
    return cut ? 0 : alive;
  });
  return { ...fabric, linkAlive };
}

function someFlows(fabric: Fabric, seed: number, count: number): Flows {
  const random = stream(seed, 'flows');
  const ends = (): Int32Array => Int32Array.from({ length: count }, () => random.below(fabric.endpoints));
  return {
    count,
    src: ends(),
    dst: ends(),
    bytes: Float64Array.from({ length: count }, () => 1 + random.below(9)),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: ['a'],
  };
}

describe('flowPaths', () => {
  it('puts the bytes on the links that the loads put them on, under every policy', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(3), fc.boolean(), (seed, which, tall) => {
        const fabric = damaged(tall ? clos3(4) : clos2({ leaves: 4, spines: 3, hostsPerLeaf: 3 }), seed);
        const hops = nextHops(fabric);
        const flows = someFlows(fabric, seed, 40);
        const tables = moduloTables(fabric, hops);
        const routes: Routes = [
          tables,
          { kind: 'ecmp', seed, queuePairs: 3 } as const,
          { kind: 'adaptive' } as const,
          pinHotPaths(fabric, hops, flows, tables, { count: 8, unit: 'pair' }).routes,
        ][which]!;
        const { paths, parts, flow, path, share } = flowPaths(fabric, hops, flows, routes);
        const load = new Float64Array(fabric.links);
        for (let k = 0; k < parts; k++) {
          if (path[k]! < 0) continue;
          for (let i = paths.start[path[k]!]!; i < paths.start[path[k]! + 1]!; i++) {
            load[paths.link[i]!]! += flows.bytes[flow[k]!]! * share[k]! * (paths.share?.[i] ?? 1);
          }
        }
        const expected = linkLoads(fabric, hops, flows, routes);
        for (let l = 0; l < fabric.links; l++)
          expect(Math.abs(load[l]! - expected[l]!)).toBeLessThan(HAIR * 100);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps equal paths once', () => {
    const fabric = clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2 });
    const flows = { ...someFlows(fabric, 1, 3), src: Int32Array.of(0, 0, 1), dst: Int32Array.of(2, 2, 2) };
    const { paths, path } = flowPaths(fabric, nextHops(fabric), flows, { kind: 'adaptive' });
    expect(path[0]).toBe(path[1]);
    expect(paths.count).toBe(2);
    // Out, two ways up, two ways down, in.
    expect(paths.start[1]).toBe(6);
    expect([...paths.share!.subarray(0, 6)].sort()).toEqual([0.5, 0.5, 0.5, 0.5, 1, 1]);
  });
});
