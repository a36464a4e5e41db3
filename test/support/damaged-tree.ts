import type { Fabric } from '../../src/fabric/types.ts';
import { stream } from '../../src/numeric/random.ts';
import { clos2 } from './fabrics.ts';

/** The tree that subnet managers are compared on: 512 endpoints, 32 leaves, 16 spines, some of 512 cables cut by a seed. */
export function damagedTree(seed: number, cuts = 25): Fabric {
  const order = Int32Array.from({ length: 512 }, (_, i) => i);
  stream(seed, 'cuts').shuffle(order);
  const gone = new Set(order.subarray(0, cuts));
  return clos2({ leaves: 32, spines: 16, hostsPerLeaf: 16, missing: (l, s) => gone.has(l * 16 + s) });
}
