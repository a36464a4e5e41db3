import type { Fabric } from '../fabric/types.ts';
import type { NextHops } from './types.ts';

/**
 * The same function, which makes its result once for a network and keeps it as long as the network is there: stages,
 * and what-ifs that leave the network alone, ask again and again. Neither fabrics nor results ever change.
 */
export function perNetwork<T extends object>(
  make: (fabric: Fabric, hops: NextHops) => T,
): (fabric: Fabric, hops: NextHops) => T {
  const made = new WeakMap<NextHops, { readonly fabric: Fabric; readonly value: T }>();
  return (fabric, hops) => {
    const known = made.get(hops);
    if (known?.fabric === fabric) return known.value;
    const value = make(fabric, hops);
    made.set(hops, { fabric, value });
    return value;
  };
}
