import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { withoutParts } from '../fabric/without.ts';
import { balancedTables } from './balanced.ts';
import { nextHops } from './next-hops.ts';
import { verifyRoutes } from './verify.ts';

describe('balancedTables', () => {
  it('reaches everything without a circle, on whole and damaged trees', () => {
    const cut = withoutParts(clos3(6), ['link:leaf0-spine0', 'link:spine1-core3', 'spine:spine7']);
    if (!cut.ok) throw new Error('cut');
    for (const fabric of [clos2({ leaves: 6, spines: 3, hostsPerLeaf: 4, cables: 2 }), clos3(6), cut.value]) {
      const hops = nextHops(fabric);
      const verified = verifyRoutes(fabric, balancedTables(fabric, hops)!, hops);
      expect([verified.reachable, verified.deadlockFree]).toEqual([true, true]);
    }
  });

  it('spreads the destinations of a leaf over all spines', () => {
    const fabric = clos2({ leaves: 4, spines: 4, hostsPerLeaf: 4 });
    const tables = balancedTables(fabric, nextHops(fabric))!;
    const used = new Uint32Array(fabric.links);
    for (const [s, row] of tables.rows.entries())
      for (const ordinal of row!) used[fabric.linkStart[fabric.endpoints + s]! + ordinal]!++;
    // At each leaf 12 destinations elsewhere over 4 uplinks.
    for (let l = 0; l < fabric.links; l++)
      if (fabric.linkDirection[l] === 1 && fabric.linkFrom[l]! >= 16) expect(used[l]).toBe(3);
  });
});
