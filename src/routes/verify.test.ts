import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric } from '../fabric/types.ts';
import { hash4 } from '../numeric/random.ts';
import { attachedTo } from './columns.ts';
import { minHopTables, upDownTables } from './minimal.ts';
import { moduloTables, tableLink } from './modulo.ts';
import { nextHops } from './next-hops.ts';
import { soundTables } from './sound.ts';
import { NO_ENTRY, type Routes, type TableRoutes } from './types.ts';
import { verifyRoutes } from './verify.ts';

function damage(fabric: Fabric, seed: number, permille: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  for (let l = 0; l < fabric.links; l++) {
    const cable = Math.min(l, fabric.linkReverse[l]!);
    if (fabric.linkFrom[cable]! < fabric.endpoints) continue;
    if (hash4(cable, seed, 0, 0) % 1000 < permille) linkAlive[l] = 0;
  }
  return { ...fabric, linkAlive };
}

/** The table with one entry changed: at switch `node`, for endpoint `dst`. */
function edit(fabric: Fabric, routes: TableRoutes, node: number, dst: number, entry: number): TableRoutes {
  const rows = routes.rows.map((r) => (r === null ? null : r.slice()));
  rows[node - fabric.endpoints]![routes.column[dst]!] = entry;
  return { ...routes, rows };
}

describe('moduloTables', () => {
  it('deals destinations out evenly over every link of a full tree', () => {
    for (const fabric of [clos2({ leaves: 8, spines: 4, hostsPerLeaf: 8, cables: 2 }), clos3(4), clos3(6)]) {
      const hops = nextHops(fabric);
      const routes = moduloTables(fabric, hops);
      for (let node = fabric.endpoints; node < fabric.nodes; node++) {
        const uses = new Map<number, number>();
        for (let e = 0; e < fabric.endpoints; e++) {
          const link = tableLink(fabric, routes, hops, node, e);
          uses.set(link, (uses.get(link) ?? 0) + 1);
        }
        for (const direction of [1, -1]) {
          const counts = [...uses].filter(([l]) => fabric.linkDirection[l] === direction).map(([, n]) => n);
          // Up-ports of a leaf serve all but its own hosts, hence may differ by one.
          if (counts.length > 0) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it('gives the same links as a rule and as rows', () => {
    const fabric = damage(clos3(4), 7, 100);
    const hops = nextHops(fabric);
    const rows = moduloTables(fabric, hops);
    const rule: TableRoutes = { ...rows, rows: rows.rows.map(() => null) };
    for (let node = fabric.endpoints; node < fabric.nodes; node++) {
      for (let e = 0; e < fabric.endpoints; e++) {
        expect(tableLink(fabric, rule, hops, node, e)).toBe(tableLink(fabric, rows, hops, node, e));
      }
    }
  });
});

describe('verifyRoutes', () => {
  const fabric = clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 });
  const hops = nextHops(fabric);
  const tables = moduloTables(fabric, hops);
  const leaf = hops.leafOf[0]!;
  const spine = fabric.endpoints + 3;

  it('passes every plain policy on a full tree', () => {
    const policies: Routes[] = [
      tables,
      minHopTables(fabric, hops)!,
      upDownTables(fabric, hops)!,
      { kind: 'ecmp', seed: 1, queuePairs: 1 },
      { kind: 'adaptive' },
    ];
    for (const routes of policies) {
      const result = verifyRoutes(fabric, routes, hops);
      expect(result).toMatchObject({
        reachable: true,
        pairs: 18,
        unreachablePairs: 0,
        deadlockFree: true,
        entriesMax: 6,
      });
    }
  });

  it('finds a missing entry, a dead link, a wrong endpoint and a port that is not there', () => {
    const missing = verifyRoutes(fabric, edit(fabric, tables, leaf, 5, NO_ENTRY), hops);
    expect(missing.unreachablePairs).toBe(1);
    expect(missing.examples[0]).toMatchObject({ kind: 'no entry', from: 'leaf0', to: 'h5', at: 'leaf0' });
    expect(verifyRoutes(fabric, edit(fabric, tables, leaf, 5, 9), hops).examples[0]?.kind).toBe(
      'no such port',
    );
    expect(verifyRoutes(fabric, edit(fabric, tables, leaf, 5, 0), hops).examples[0]?.kind).toBe(
      'wrong endpoint',
    );
    const linkAlive = fabric.linkAlive.slice();
    linkAlive[tableLink(fabric, tables, hops, leaf, 5)] = 0;
    const dead = verifyRoutes({ ...fabric, linkAlive }, tables, hops);
    expect(dead.examples[0]?.kind).toBe('dead link');
    expect(dead.reachable).toBe(false);
  });

  it('finds a loop, and the cycle of dependencies that it makes', () => {
    const up = tableLink(fabric, tables, hops, leaf, 5);
    const back = fabric.linkReverse[up]!;
    const looped = edit(fabric, tables, fabric.linkTo[up]!, 5, back - fabric.linkStart[fabric.linkTo[up]!]!);
    const result = verifyRoutes(fabric, looped, hops);
    expect(result.examples.map((x) => x.kind)).toContain('loop');
    expect(result.unreachablePairs).toBe(2);
    expect(result.deadlockFree).toBe(false);
    expect(new Set(result.cycle)).toEqual(new Set([up, back]));
  });

  it('finds a deadlock without a loop: valleys that wait for one another', () => {
    // Every leaf sends to the next leaf by way of the one after: each route arrives, together they may lock.
    const rows = tables.rows.map((r) => r!.slice());
    const link = (from: number, to: number) => {
      for (let l = fabric.linkStart[from]!; l < fabric.linkStart[from + 1]!; l++)
        if (fabric.linkTo[l] === to) return l;
      throw new Error('no link');
    };
    const set = (node: number, dst: number, to: number) => {
      rows[node - fabric.endpoints]![tables.column[dst]!] = link(node, to) - fabric.linkStart[node]!;
    };
    for (let l = 0; l < 3; l++) {
      const at = (k: number) => fabric.endpoints + ((l + k) % 3);
      const dst = 2 * ((l + 2) % 3);
      set(at(0), dst, spine);
      set(spine, dst, at(1));
      set(at(1), dst, spine + 1);
      set(spine + 1, dst, at(2));
    }
    const odd = verifyRoutes(fabric, { ...tables, rows }, hops);
    expect(odd).toMatchObject({ reachable: true, deadlockFree: true });
    for (let l = 0; l < 3; l++) {
      const at = (k: number) => fabric.endpoints + ((l + k) % 3);
      const dst = 2 * ((l + 2) % 3) + 1;
      set(at(0), dst, spine + 1);
      set(spine + 1, dst, at(1));
      set(at(1), dst, spine);
      set(spine, dst, at(2));
    }
    const even = verifyRoutes(fabric, { ...tables, rows }, hops);
    expect(even).toMatchObject({ reachable: true, deadlockFree: false });
    expect(even.cycle!.length).toBeGreaterThan(2);
  });

  it('checks pins: joined, alive, counted; a broken one is unreachable', () => {
    const up = fabric.linkStart[leaf]! + 2;
    const down = fabric.linkReverse[fabric.linkStart[hops.leafOf[5]!]! + 2]!;
    const pinned = (links: number[]): Routes => ({
      kind: 'pinned',
      base: { kind: 'adaptive' },
      src: Int32Array.of(0),
      dst: Int32Array.of(5),
      start: Uint32Array.of(0, links.length),
      links: Uint32Array.from(links),
    });
    expect(verifyRoutes(fabric, pinned([up, down]), hops)).toMatchObject({
      reachable: true,
      policyEntriesMax: 1,
    });
    expect(verifyRoutes(fabric, pinned([up]), hops).examples[0]?.kind).toBe('broken pin');
  });

  it('tables made on any damaged tree reach exactly what has a path, without deadlock', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 400 }), fc.boolean(), (seed, permille, deep) => {
        const f = damage(
          deep ? clos3(4) : clos2({ leaves: 5, spines: 3, hostsPerLeaf: 2, cables: 2 }),
          seed,
          permille,
        );
        const h = nextHops(f);
        const byCandidates = verifyRoutes(f, { kind: 'adaptive' }, h);
        expect(byCandidates.deadlockFree).toBe(true);
        for (const routes of [moduloTables(f, h), upDownTables(f, h)!]) {
          const result = verifyRoutes(f, routes, h);
          expect(result.deadlockFree).toBe(true);
          expect(result.pairs).toBe(byCandidates.pairs);
          expect(result.unreachablePairs).toBe(byCandidates.unreachablePairs);
        }
        expect(verifyRoutes(f, minHopTables(f, h)!, h).unreachablePairs).toBeLessThanOrEqual(
          byCandidates.unreachablePairs,
        );
      }),
      { numRuns: 80 },
    );
  });

  it('says the same of tables that are sound at a glance and of those that are walked, edited ones too', () => {
    const walked = (routes: TableRoutes): Routes => {
      const none = { src: new Int32Array(0), dst: new Int32Array(0), links: new Uint32Array(0) };
      return { kind: 'pinned', base: routes, ...none, start: Uint32Array.of(0) };
    };
    let sound = 0;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(0, 0, 50, 200),
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 6 })), { maxLength: 3 }),
        (seed, permille, deep, edits) => {
          const f = damage(
            deep ? clos3(4) : clos2({ leaves: 5, spines: 3, hostsPerLeaf: 2, cables: 2 }),
            seed,
            permille,
          );
          const h = nextHops(f);
          for (const made of [moduloTables(f, h), minHopTables(f, h)!]) {
            let routes = made;
            for (const [s, e, entry] of edits) {
              const node = f.endpoints + (s % (f.nodes - f.endpoints));
              routes = edit(f, routes, node, e % f.endpoints, entry === 6 ? NO_ENTRY : entry);
            }
            const result = verifyRoutes(f, routes, h);
            expect(result).toEqual(verifyRoutes(f, walked(routes), h));
            if (soundTables(f, routes, h, attachedTo(f, h))) {
              sound++;
              expect(result).toMatchObject({ reachable: true, deadlockFree: true, examples: [] });
            }
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(sound).toBeGreaterThan(20);
  });
});
