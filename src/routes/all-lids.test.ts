import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { followAllLids } from './all-lids.ts';
import { moduloTables } from './modulo.ts';
import { nextHops } from './next-hops.ts';
import { NO_ENTRY } from './types.ts';

/** Four leaves with one host each below two spines; switch s is node 4 + s, leaf l's port ordinals are host, spine0, spine1. */
const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 1 });
const hops = nextHops(fabric);
const tables = moduloTables(fabric, hops);
const LEAVES = [0, 1, 2, 3];

/** Rows towards switches: leaf to leaf by spine 0, which knows every leaf; spine 1 is reached directly. */
function switchRows(): Uint16Array[] {
  const rows = Array.from({ length: 6 }, () => new Uint16Array(6).fill(NO_ENTRY));
  for (const l of LEAVES) {
    for (const to of LEAVES) if (to !== l) rows[l]![to] = 1;
    rows[l]![4] = 1;
    rows[l]![5] = 2;
    rows[4]![l] = l;
    rows[5]![l] = l;
  }
  return rows;
}

const check = (rows: Uint16Array[], byOffset = [tables]) => followAllLids(fabric, hops, byOffset, rows);

describe('followAllLids', () => {
  it('finds nothing wrong with up/down tables', () => {
    expect(check(switchRows())).toEqual({
      switchPairs: 4 * 5,
      unreachableSwitchPairs: 0,
      examples: [],
      cycle: null,
    });
  });

  it('says where a walk to a switch ends, and how', () => {
    const rows = switchRows();
    rows[4]![1] = NO_ENTRY; // spine 0 does not know leaf 1
    rows[0]![3] = 0; // leaf 0 sends packets for leaf 3 to its host
    expect(check(rows)).toMatchObject({
      unreachableSwitchPairs: 4,
      examples: [
        { kind: 'no entry', from: 'leaf0', to: 'leaf1', at: 'spine0' },
        { kind: 'no entry', from: 'leaf2', to: 'leaf1', at: 'spine0' },
        { kind: 'no entry', from: 'leaf3', to: 'leaf1', at: 'spine0' },
        { kind: 'wrong endpoint', from: 'leaf0', to: 'leaf3', at: 'leaf0' },
      ],
    });
  });

  it('finds a loop, and the circle of links that it makes', () => {
    const rows = switchRows();
    rows[4]![1] = 2; // spine 0 sends packets for leaf 1 to leaf 2, which sends them back
    const looped = check(rows);
    expect(looped.examples[0]).toMatchObject({ kind: 'loop', to: 'leaf1' });
    expect(looped.cycle).toHaveLength(2);
  });

  it('joins the LIDs of an endpoint in one graph: each table alone is free of circles', () => {
    const rowsOf = () => tables.rows.map((row) => row!.slice());
    // Packets for h3 come over spine 0 down to leaf 1, and up again to spine 1.
    const down = rowsOf();
    for (const l of [0, 2]) down[l]![3] = 1;
    down[4]![3] = 1;
    down[1]![3] = 2;
    // Packets for h2 come over spine 1 down to leaf 0, and up again to spine 0: each valley waits for the other.
    const back = rowsOf();
    for (const l of [1, 3]) back[l]![2] = 2;
    back[5]![2] = 0;
    back[0]![2] = 1;
    const [first, second] = [down, back].map((rows) => ({ ...tables, rows }));
    expect(check(switchRows(), [first!]).cycle).toBeNull();
    expect(check(switchRows(), [second!]).cycle).toBeNull();
    expect(check(switchRows(), [first!, second!]).cycle).not.toBeNull();
  });
});
