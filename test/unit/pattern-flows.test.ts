import { describe, expect, it } from 'vitest';
import { patternFlows } from '../../src/fabric/pattern-flows.ts';
import { railsOf } from '../../src/fabric/rails.ts';
import type { Fabric } from '../../src/fabric/types.ts';
import { withoutParts } from '../../src/fabric/without.ts';
import { linkLoads } from '../../src/flow/loads.ts';
import { moduloTables } from '../../src/routes/modulo.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import { clos2 } from '../support/fabrics.ts';

const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 3 });

function flows(of: Fabric, kind: 'all-to-all' | 'same-rail' | 'permutation', merge: 'always' | 'when large') {
  const result = patternFlows(of, railsOf(of), { kind }, { seed: 1, label: kind, merge });
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.value;
}

describe('patternFlows', () => {
  it('sends one byte between every two NICs', () => {
    const { flows: all, merged } = flows(fabric, 'all-to-all', 'when large');
    expect([all.count, merged]).toEqual([12 * 11, false]);
  });

  it('loads links between switches alike when merged by leaf', () => {
    const hops = nextHops(fabric);
    const tables = moduloTables(fabric, hops);
    const apart = linkLoads(fabric, hops, flows(fabric, 'same-rail', 'when large').flows, tables);
    const { flows: merged } = flows(fabric, 'same-rail', 'always');
    expect(merged.count).toBe(4 * 12 - 12);
    const together = linkLoads(fabric, hops, merged, tables);
    for (let l = 0; l < fabric.links; l++) {
      const inner = fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints;
      if (inner) expect(together[l]).toBe(apart[l]);
    }
  });

  it('leaves out NICs with a dead cable', () => {
    const cut = withoutParts(fabric, ['node:h0']);
    if (!cut.ok) throw new Error('cut');
    const { flows: all } = flows(cut.value, 'all-to-all', 'when large');
    expect(all.count).toBe(11 * 10);
    expect(all.src.includes(0) || all.dst.includes(0)).toBe(false);
  });

  it('never merges what sends once', () => {
    expect(flows(fabric, 'permutation', 'always')).toMatchObject({ merged: false, flows: { count: 12 } });
  });
});
