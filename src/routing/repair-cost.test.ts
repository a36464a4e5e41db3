import { describe, expect, it } from 'vitest';
import { allToAll } from '../../test/support/demands.ts';
import { clos2 } from '../../test/support/fabrics.ts';
import type { Repair, WiringChange } from '../fabric/types.ts';
import { priceRepairs } from './repair-cost.ts';

const fabric = clos2({ leaves: 4, spines: 4, hostsPerLeaf: 8 });
const demands = [{ label: 'all', priority: 1, unit: true, merged: false, flows: allToAll(32) }];

const none: WiringChange = { removed: [], slowed: [], added: [] };
const repair = (action: string, change: Partial<WiringChange>): Repair => ({
  kind: 'missing',
  expected: [],
  observed: [],
  action,
  change: { ...none, ...change },
});

/** The uplink of a leaf to a spine. */
const uplink = (leaf: number, spine: number): number => fabric.linkStart[32 + leaf]! + 8 + spine;
/** The cable of an endpoint. */
const cable = (e: number): number => fabric.linkStart[e]!;

describe('priceRepairs', () => {
  it('puts what is cut off first, then the dearer loss', () => {
    const priced = priceRepairs(
      fabric,
      [
        repair('extra', {}),
        repair('one uplink', { removed: [uplink(0, 0)] }),
        repair('two uplinks', { removed: [uplink(1, 0), uplink(1, 1)] }),
        repair('a host', { removed: [cable(5)] }),
        repair('half rate', { slowed: [{ link: uplink(2, 3), rate: 25e9 }] }),
      ],
      demands,
    );
    expect(priced.map((p) => p.action)).toEqual([
      'a host',
      'two uplinks',
      'one uplink',
      'half rate',
      'extra',
    ]);
    const [host, two, one, half, extra] = priced;
    expect(host!.cutOff).toBe(1);
    // A leaf's cut with 3, 2 and 3.5 of 4 uplinks.
    expect(two!.best).toBeCloseTo(1, 9);
    expect(one!.best).toBeCloseTo(1 / 3, 9);
    expect(half!.best).toBeCloseTo(4 / 3.5 - 1, 9);
    // An even split still sends a quarter over the slow cable.
    expect(half!.even).toBeCloseTo(1, 9);
    expect([extra!.best, extra!.even]).toEqual([0, 0]);
  });

  it('counts the slow cable of an endpoint by its own time', () => {
    const [slow] = priceRepairs(
      fabric,
      [repair('nic', { slowed: [{ link: cable(3), rate: 10e9 }] })],
      demands,
    );
    // 31 bytes at a fifth of the rate against 48 on each uplink at the full one.
    expect(slow!.best).toBeCloseTo((31 * 5) / 48 - 1, 9);
  });
});
