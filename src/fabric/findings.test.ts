import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { findingsOf } from './findings.ts';
import type { Fabric } from './types.ts';
import { withoutParts } from './without.ts';

const found = (fabric: Fabric) =>
  Object.fromEntries(
    findingsOf(fabric).findings.map((f) => [f.id, { count: f.count, examples: f.examples }]),
  );

function without(fabric: Fabric, ...parts: string[]): Fabric {
  const result = withoutParts(fabric, parts);
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.value;
}

describe('findingsOf', () => {
  it('finds nothing in a full tree', () => {
    const two = findingsOf(clos2({ leaves: 4, spines: 2, hostsPerLeaf: 3 }));
    expect(two.findings).toEqual([]);
    expect(two.summary).toMatchObject({ leaves: 4, spines: 2, regular: true });
    expect(two.rates.map((r) => [r.between, r.cables])).toEqual([
      ['endpoints and leaves', 12],
      ['leaves and spines', 8],
    ]);
    expect(found(clos3(4))).toEqual({});
  });

  it('names leaves, pairs and cables that differ from most', () => {
    const fabric = clos2({
      leaves: 5,
      spines: 3,
      hostsPerLeaf: 2,
      cables: 2,
      missing: (l, s) => l === 0 && s === 2,
    });
    const slow = fabric.linkRate.slice();
    const link = fabric.linkStart[fabric.names.indexOf('leaf3')]! + 2;
    slow[link] = slow[fabric.linkReverse[link]!] = 25e9;
    expect(found({ ...fabric, linkRate: slow })).toEqual({
      'uneven-uplinks-leaves': { count: 1, examples: ['leaf0: 4 uplinks, usually 6'] },
      'missing-cables': { count: 1, examples: ['leaf0 - spine2: 0 of usually 2'] },
      'slow-cables': { count: 1, examples: ['leaf3:3 - spine0:7 at 50 % of the usual rate'] },
    });
  });

  it('tells a missing core cable only by what the spine lacks', () => {
    const all = found(without(clos3(4), 'link:spine0-core0'));
    expect(all['uneven-uplinks-spines']).toEqual({ count: 1, examples: ['spine0: 1 uplinks, usually 2'] });
    expect(all['dead-cables']!.count).toBe(1);
  });

  it('finds parts that are cut off', () => {
    const all = found(
      without(
        clos2({ leaves: 4, spines: 2, hostsPerLeaf: 3 }),
        'link:leaf3-spine0',
        'link:leaf3-spine1',
        'node:h0',
      ),
    );
    expect(all['isolated']).toEqual({ count: 2, examples: ['h0', 'h9 and 3 more (1 switches)'] });
  });
});
