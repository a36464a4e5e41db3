import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fabric } from '../../src/fabric/types.ts';
import { ibnetdiscover } from '../../src/formats/ibnetdiscover.ts';
import { loadHighs } from '../../src/numeric/highs.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import { verifyRoutes } from '../../src/routes/verify.ts';
import { backupTables } from '../../src/routing/backups.ts';
import { groupUnits } from '../../src/routing/demand.ts';
import { exactBound } from '../../src/routing/fractional.ts';
import { lmcTables } from '../../src/routing/lmc.ts';
import { planesOf } from '../../src/routing/plane.ts';
import { optimiseTables } from '../../src/routing/tables.ts';
import { trunkGraph } from '../../src/routing/trunks.ts';
import { valleyRoutes } from '../../src/routing/valley.ts';

/** A real fabric: 31 leaves, 9 spines, 542 HCAs on 4 rails, 532 uplinks, cables missing, SHARP nodes. */
const sample = '../shared/samples/ib/superpod-ndr.ibnetdiscover';
const present = existsSync(sample);
if (!present) console.log(`skipped: the real fabric needs ${sample}`);

describe.skipIf(!present)('the real NDR fabric', async () => {
  const read = present ? await ibnetdiscover.read([readFileSync(sample)], 'sample') : null;
  const fabric = read?.ok ? read.value : null;

  it('gets one set of tables for all-to-all (630, proved optimal) and same-rail all-to-all (162)', async () => {
    const { hops, plane, patterns, units } = demands(fabric!);
    const { routes, planes } = optimiseTables(fabric!, hops, [plane], [patterns]);
    expect(planes[0]!.maxLoad.map(units)).toEqual([630, 162]);
    expect(planes[0]!.bounds.map((b) => [units(b.fractional), units(b.whole)])).toEqual([
      [628.8, 630],
      [145.2, 162],
    ]);
    const verified = verifyRoutes(fabric!, routes, hops);
    expect([verified.reachable, verified.deadlockFree]).toEqual([true, true]);

    // The exact programme says that the cut bound is the fractional optimum.
    const exact = exactBound(trunkGraph(plane, patterns[1]!.units), await loadHighs());
    expect(units(exact!)).toBe(145.2);
  });

  it('gets 153 for same-rail all-to-all with LMC 1 and 148.5 with LMC 2, the bounds of whole sub-destinations', () => {
    const { hops, plane, patterns, units } = demands(fabric!);
    for (const [lmc, load] of [
      [1, 153],
      [2, 148.5],
    ] as const) {
      const { byOffset, planes } = lmcTables(fabric!, hops, [plane], [[patterns[1]!]], lmc);
      expect([units(planes[0]!.maxLoad[0]!), units(planes[0]!.bounds[0]!.whole)]).toEqual([load, load]);
      for (const routes of byOffset) expect(verifyRoutes(fabric!, routes, hops).reachable).toBe(true);
    }
  });

  it('has tables ready for every failed link and spine: no load above 765, at most 2,100 of 24,000 entries new', () => {
    const { hops, plane, patterns, units } = demands(fabric!);
    const { routes } = optimiseTables(fabric!, hops, [plane], [patterns.slice(0, 1)]);
    let count = 0;
    for (const { repairs } of backupTables(fabric!, hops, [routes])) {
      const repair = repairs[0]!;
      count++;
      expect([repair.lostPairs, repair.deadlockFree]).toEqual([0, true]);
      expect(units(repair.maxLoad)).toBeLessThanOrEqual(765);
      expect(repair.changes.length).toBeLessThanOrEqual(2100);
    }
    expect(count).toBe(532 + 9);
  });

  it('joins its SHARP nodes to the pairs without an up/down path through one valley leaf', () => {
    const { hops, plane, patterns } = demands(fabric!);
    const { routes } = optimiseTables(fabric!, hops, [plane], [patterns.slice(0, 1)]);
    const made = valleyRoutes(fabric!, hops, routes);
    expect([made.pairs.length, made.leftOut.length, made.deadlockFree]).toEqual([262, 0, [true, true]]);
    const verified = verifyRoutes(fabric!, made.routes, hops);
    expect([verified.unreachablePairs, verified.unreachableAggregatorPairs]).toEqual([0, 0]);
  });
});

/** All-to-all and same-rail demand of the HCAs; leaves are named LEAF-<rail>-<unit>. Loads as pairs a link. */
function demands(fabric: Fabric) {
  const hops = nextHops(fabric);
  const plane = planesOf(fabric, hops)[0]!;
  const hcas = Int32Array.from(plane.endpoints, (e) => (fabric.kind[e] === 0 ? 0 : -1));
  const leafName = (c: number) => fabric.names[plane.switches[plane.leaves[plane.leafOf[c]!]!]!]!;
  const rails = hcas.map((g, c) => (g < 0 ? -1 : Number(/LEAF-0(\d)-/.exec(leafName(c))![1]) - 1));
  const patterns = [hcas, rails].map((group) => ({ units: groupUnits(plane, group), priority: 1 }));
  const units = (seconds: number) => Math.round(seconds * plane.rate[0]! * 10) / 10;
  return { hops, plane, patterns, units };
}
