import { describe, expect, it } from 'vitest';
import { allToAll, flowsOf } from '../../test/support/demands.ts';
import { clos2 } from '../../test/support/fabrics.ts';
import { linkLoads } from '../flow/loads.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { TableRoutes } from '../routes/types.ts';
import { Entries } from './entries.ts';
import { profileTables } from './tables.ts';

const fabric = clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2, rate: 1 });
const hops = nextHops(fabric);
const modulo = moduloTables(fabric, hops);

/** Every leaf sends everything over spine 0. */
function oneSpine(): TableRoutes {
  const rows = modulo.rows.map((row, s) => {
    const own = row!.slice();
    if (s < 3) for (let c = 0; c < 6; c++) if (Math.floor(c / 2) !== s) own[c] = 2;
    return own;
  });
  return { ...modulo, rows };
}

const profiled = (routes: TableRoutes, moves = 16) =>
  profileTables({ fabric, hops, flows: allToAll(6), merged: false, routes, top: 3, moves });

describe('profileTables', () => {
  it('names who meets on the hot links', () => {
    const { maxLoad, unrouted, hotLinks } = profiled(oneSpine());
    expect([maxLoad, unrouted]).toEqual([8, 0]);
    expect(hotLinks[0]).toMatchObject({
      link: 'leaf0:3 -> spine0:1',
      direction: 'up',
      seconds: 8,
      utilisation: 1,
      entries: 4,
      hosts: 2,
      destinations: 4,
    });
    expect(hotLinks[0]!.causes[0]).toEqual({
      leaf: 'leaf0',
      to: 'h2',
      hosts: ['h0', 'h1'],
      hostCount: 2,
      bytes: 2,
      share: 0.25,
    });
  });

  it('says what moving one entry gains, and gets to the optimum by moves', () => {
    const { hotLinks, curve, moves } = profiled(oneSpine());
    expect(hotLinks[0]!.pin).toMatchObject({
      leaf: 'leaf0',
      fromPort: 3,
      toPort: 4,
      via: 'spine1',
      before: 8,
      after: 6,
    });
    expect(curve[0]).toEqual({ pinned: 0, maxLoad: 8, ratio: 1 });
    // 4 destinations elsewhere, 2 senders, 2 uplinks: 4 pairs a link is the bound.
    expect(curve[curve.length - 1]!.maxLoad).toBe(4);
    expect(moves.length).toBe(curve.length - 1);
  });

  it('finds no move where the tables are even', () => {
    const { maxLoad, meanLoad, curve } = profiled(modulo);
    expect(maxLoad).toBe(meanLoad);
    expect(curve).toHaveLength(1);
  });

  it('counts what the tables do not carry', () => {
    const rows = modulo.rows.map((row) => row!.slice());
    rows[0]![4] = 0xffff;
    expect(profiled({ ...modulo, rows }).unrouted).toBe(2);
  });
});

describe('Entries', () => {
  it('keeps the load of the tables with its moves made', () => {
    const flows = flowsOf([
      [0, 2, 5],
      [1, 2, 1],
      [0, 4, 3],
      [2, 5, 2],
    ]);
    const entries = new Entries(fabric, hops, flows, modulo);
    const before = linkLoads(fabric, hops, flows, modulo);
    const inner = (l: number): boolean => fabric.linkFrom[l]! >= 6 && fabric.linkTo[l]! >= 6;
    for (let l = 0; l < fabric.links; l++) if (inner(l)) expect(entries.load[l]).toBe(before[l]);
    const unit = entries.units.source.findIndex((s, u) => s === 6 && entries.units.dst[u] === 2);
    const own = fabric.linkStart[6]! + modulo.rows[0]![2]!;
    const other = own === fabric.linkStart[6]! + 2 ? own + 1 : own - 1;
    entries.apply({ unit, link: other, before: 0, after: 0 });
    const rows = modulo.rows.map((row) => row!.slice());
    rows[0]![2] = other - fabric.linkStart[6]!;
    const after = linkLoads(fabric, hops, flows, { ...modulo, rows });
    for (let l = 0; l < fabric.links; l++) if (inner(l)) expect(entries.load[l]).toBe(after[l]);
  });
});
