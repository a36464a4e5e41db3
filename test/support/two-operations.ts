import fc from 'fast-check';
import type { Fabric, Flows } from '../../src/fabric/types.ts';
import { stream } from '../../src/numeric/random.ts';
import { moduloTables } from '../../src/routes/modulo.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import type { Routes } from '../../src/routes/types.ts';
import { clos2 } from './fabrics.ts';

/** Leaves with more hosts than uplinks, so that links between switches can be what binds. */
export const fabric: Fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 4, rate: 10 });
export const hops = nextHops(fabric);

/** Two operations: one of equal flows, one of flows of different sizes, several invocations each. */
export function twoOperations(seed: number, count: number): Flows {
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

export const policies = fc.constantFrom<Routes>(
  { kind: 'adaptive' },
  { kind: 'ecmp', seed: 3, queuePairs: 2 },
  moduloTables(fabric, hops),
);
