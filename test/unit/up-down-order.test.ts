import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildFabric, type CableInput } from '../../src/fabric/builder.ts';
import { type Fabric, NodeKind } from '../../src/fabric/types.ts';
import { withUpDownOrder } from '../../src/fabric/up-down-order.ts';
import { upDownTables } from '../../src/routes/minimal.ts';
import { moduloTables } from '../../src/routes/modulo.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import { verifyRoutes } from '../../src/routes/verify.ts';

/** `count` switches with a host each, cabled in a chain and by the extra pairs: whatever but a tree. */
function wired(count: number, extra: readonly (readonly [number, number])[]): Fabric {
  const ports = new Int32Array(count).fill(1);
  const cables: CableInput[] = [];
  const cable = (a: number, b: number): void => {
    if (a === b) return;
    cables.push({ a: count + a, aPort: ++ports[a]!, b: count + b, bPort: ++ports[b]!, rate: 1 });
  };
  for (let s = 0; s < count; s++) cables.push({ a: s, aPort: 1, b: count + s, bPort: 1, rate: 1 });
  for (let s = 0; s + 1 < count; s++) cable(s, s + 1);
  for (const [a, b] of extra) cable(a % count, b % count);
  const node = (name: string, kind: number, tier: number) => ({ name, kind, tier, plane: 0 });
  return buildFabric({
    name: 'wired',
    transport: 'infiniband',
    planes: 1,
    layers: 2,
    nodes: [
      ...Array.from({ length: count }, (_, i) => node(`h${i}`, NodeKind.endpoint, 0)),
      ...Array.from({ length: count }, (_, i) => node(`s${i}`, NodeKind.switch, 1)),
    ],
    cables,
    hostNames: [],
    hostOf: new Array(count).fill(-1),
    nicOf: new Array(count).fill(0),
  });
}

describe('withUpDownOrder', () => {
  it('joins all pairs without deadlock on any connected wiring', () => {
    const pairs = fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 14 }), pairs, (count, extra) => {
        const fabric = withUpDownOrder(wired(count, extra));
        const hops = nextHops(fabric);
        for (const routes of [moduloTables(fabric, hops), upDownTables(fabric, hops)!]) {
          const { reachable, deadlockFree } = verifyRoutes(fabric, routes, hops);
          expect([reachable, deadlockFree]).toEqual([true, true]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
