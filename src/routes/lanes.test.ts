import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { hash4 } from '../numeric/random.ts';
import { followAllLids } from './all-lids.ts';
import { assignLanes } from './lanes.ts';
import { minHopTables } from './minimal.ts';
import { moduloTables } from './modulo.ts';
import { nextHops } from './next-hops.ts';

describe('assignLanes', () => {
  it('needs one lane for up/down tables, and more where minimum hop waits in a circle', () => {
    let circles = 0;
    for (let seed = 0; seed < 40; seed++) {
      const missing = (l: number, s: number) => hash4(l, s, seed, 0) % 2 === 0;
      const fabric = clos2({ leaves: 5, spines: 4, hostsPerLeaf: 2, rate: 1, missing });
      const hops = nextHops(fabric);
      const minimal = minHopTables(fabric, hops)!;
      const { cycle } = followAllLids(fabric, hops, [minimal], noSwitchRows(fabric));
      const { lanes, byLane } = assignLanes(fabric, hops, [minimal], noSwitchRows(fabric));
      if (cycle !== null) circles++;
      if (cycle !== null) expect(lanes).toBeGreaterThanOrEqual(2);
      else expect(byLane.length).toBeLessThanOrEqual(1);
      expect(byLane.every((n) => n > 0)).toBe(true);
      const plain = assignLanes(fabric, hops, [moduloTables(fabric, hops)], noSwitchRows(fabric));
      expect(plain.byLane.length).toBeLessThanOrEqual(1);
    }
    expect(circles).toBeGreaterThan(0);
  });
});

function noSwitchRows(fabric: { readonly nodes: number; readonly endpoints: number }): Uint16Array[] {
  const switches = fabric.nodes - fabric.endpoints;
  return Array.from({ length: switches }, () => new Uint16Array(switches).fill(0xffff));
}
