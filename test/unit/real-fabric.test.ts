import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ibnetdiscover } from '../../src/formats/ibnetdiscover.ts';
import { loadHighs } from '../../src/numeric/highs.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import { verifyRoutes } from '../../src/routes/verify.ts';
import { groupUnits } from '../../src/routing/demand.ts';
import { exactBound } from '../../src/routing/fractional.ts';
import { planesOf } from '../../src/routing/plane.ts';
import { optimiseTables } from '../../src/routing/tables.ts';
import { trunkGraph } from '../../src/routing/trunks.ts';

/** A real fabric: 31 leaves, 9 spines, 542 HCAs on 4 rails, 532 uplinks, cables missing, SHARP nodes. */
const sample = '../shared/samples/ib/superpod-ndr.ibnetdiscover';
const present = existsSync(sample);
if (!present) console.log(`skipped: the real fabric needs ${sample}`);

describe.skipIf(!present)('the real NDR fabric', async () => {
  const read = present ? await ibnetdiscover.read([readFileSync(sample)], 'sample') : null;
  const fabric = read?.ok ? read.value : null;

  it('gets one set of tables for all-to-all (630, proved optimal) and same-rail all-to-all (162)', async () => {
    const hops = nextHops(fabric!);
    const [plane] = planesOf(fabric!, hops);
    const hcas = Int32Array.from(plane!.endpoints, (e) => (fabric!.kind[e] === 0 ? 0 : -1));
    // Leaves are named LEAF-<rail>-<unit>.
    const leafName = (c: number) => fabric!.names[plane!.switches[plane!.leaves[plane!.leafOf[c]!]!]!]!;
    const rails = hcas.map((g, c) => (g < 0 ? -1 : Number(/LEAF-0(\d)-/.exec(leafName(c))![1]) - 1));
    const patterns = [hcas, rails].map((group) => ({ units: groupUnits(plane!, group), priority: 1 }));
    const { routes, planes } = optimiseTables(fabric!, hops, [plane!], [patterns]);
    const rate = plane!.rate[0]!;
    const units = (seconds: number) => Math.round(seconds * rate * 10) / 10;
    expect(planes[0]!.maxLoad.map(units)).toEqual([630, 162]);
    expect(planes[0]!.bounds.map((b) => [units(b.fractional), units(b.whole)])).toEqual([
      [628.8, 630],
      [145.2, 162],
    ]);
    const verified = verifyRoutes(fabric!, routes, hops);
    expect([verified.reachable, verified.deadlockFree]).toEqual([true, true]);

    // The exact programme says that the cut bound is the fractional optimum.
    const exact = exactBound(trunkGraph(plane!, patterns[1]!.units), await loadHighs());
    expect(units(exact!)).toBe(145.2);
  });
});
