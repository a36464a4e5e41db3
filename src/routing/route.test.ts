import { describe, expect, it } from 'vitest';
import { allToAll, expertFlows, flowsOf } from '../../test/support/demands.ts';
import { type ClosOptions, clos2 } from '../../test/support/fabrics.ts';
import { type Context, inline } from '../base/context.ts';
import { builtin } from '../catalog/catalog.ts';
import type { Transport } from '../catalog/types.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { loadHighs } from '../numeric/highs.ts';
import { hash4 } from '../numeric/random.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { PinnedRoutes } from '../routes/types.ts';
import { asOneTable } from './hybrid.ts';
import type { RoutingInput } from './judge.ts';
import { routeDemand } from './route.ts';

const context: Context = {
  seed: 1,
  catalog: builtin(),
  clock: () => 0,
  progress: () => {},
  cancelled: () => false,
  parallel: inline,
  solver: loadHighs,
};

function route(fabric: Fabric, flows: Flows, more: Partial<RoutingInput> = {}) {
  const hops = nextHops(fabric);
  return routeDemand(
    {
      fabric,
      hops,
      flows,
      strategy: 'hybrid',
      hotPaths: 32,
      transport: 'infiniband',
      limits: { tableEntries: 49151, policyEntries: 0 },
      seeds: [1, 2, 3, 4, 5],
      queuePairs: 1,
      ...more,
    },
    context,
  );
}

/** About `permille` of the leaf-spine cables missing, by a hash. */
function cut(options: ClosOptions, permille: number): Fabric {
  return clos2({ ...options, missing: (l, s, c) => hash4(l, s, c, 7) % 1000 < permille });
}

const roce = { transport: 'roce' as Transport, limits: { tableEntries: 131072, policyEntries: 4096 } };

describe('where routing matters, the ratio to the whole-destination bound is at most 1.02', () => {
  const expert = (endpoints: number, exponent: number) =>
    expertFlows({ endpoints, group: 48, stride: 7, exponent, bytes: 1e7, seed: 3 });
  const cases: [string, Fabric, Flows, Partial<RoutingInput>][] = [];
  for (const exponent of [0.4, 0.8, 1.2]) {
    const fabric = clos2({ leaves: 16, spines: 16, hostsPerLeaf: 16 });
    cases.push([`experts with Zipf ${exponent} across leaves`, fabric, expert(256, exponent), {}]);
  }
  const wide = { leaves: 32, spines: 16, hostsPerLeaf: 16 };
  cases.push(['3 % of links cut, all-to-all', cut(wide, 30), allToAll(512, 1e6), {}]);
  cases.push(['3 % of links cut, experts', cut(wide, 30), expert(512, 0.8), {}]);
  const partly = clos2({ leaves: 16, spines: 32, hostsPerLeaf: 24 });
  cases.push(['24 of 32 hosts, all-to-all', partly, allToAll(384, 1e6), {}]);
  cases.push(['24 of 32 hosts, experts', partly, expert(384, 0), {}]);
  const thin = clos2({ leaves: 12, spines: 16, hostsPerLeaf: 32 });
  cases.push(['2:1 oversubscribed RoCE, all-to-all', thin, allToAll(384, 1e6), roce]);
  cases.push(['2:1 oversubscribed RoCE, experts', thin, expert(384, 0.8), roce]);

  it.each(cases)('%s', async (_, fabric, flows, more) => {
    for (const strategy of ['static', 'hybrid'] as const) {
      const { quality, baselines, bounds, issues } = await route(fabric, flows, { ...more, strategy });
      expect(quality.ratioToWhole).toBeLessThanOrEqual(1.02);
      expect(quality.maxLoad).toBeGreaterThanOrEqual(bounds.fractional * (1 - 1e-9));
      expect(baselines.map((b) => b.strategy)).toEqual(['modulo', 'ecmp', 'adaptive', 'static']);
      for (const b of baselines) {
        expect(b.reachable && b.deadlockFree).toBe(true);
        expect(b.maxLoad).toBeGreaterThanOrEqual(bounds.fractional * (1 - 1e-9));
      }
      const [modulo, ecmp, , fixed] = baselines;
      expect(fixed!.maxLoad).toBeLessThanOrEqual(modulo!.maxLoad * (1 + 1e-9));
      expect(fixed!.maxLoad).toBeLessThan(ecmp!.maxLoad);
      expect(issues).toEqual([]);
    }
  });
});

describe('routeDemand', () => {
  it('says so when plain modulo is already optimal, and keeps it', async () => {
    const fabric = clos2({ leaves: 8, spines: 4, cables: 2, hostsPerLeaf: 8 });
    const { alreadyOptimal, quality, notes, bounds } = await route(fabric, allToAll(64, 1e6));
    expect(alreadyOptimal).toBe(true);
    expect(quality.provedOptimal).toBe(true);
    expect(bounds.fractionalKind).toBe('cut');
    expect(notes[0]).toBe('plain destination-modulo already meets the bound: no table does better');
  });

  it('takes the exact programme for a small irregular fabric', async () => {
    const fabric = clos2({ leaves: 4, spines: 3, hostsPerLeaf: 4, missing: (l, s) => l === s });
    const shift = flowsOf(
      Array.from({ length: 16 }, (_, i): [number, number, number] => [i, (i + 4) % 16, 1e9]),
    );
    const { bounds, quality } = await route(fabric, shift, { strategy: 'static' });
    // Leaves 0 and 1 share only spine 2: its four flows of 1 GB cross one cable of 50 GB/s.
    expect(bounds.fractionalKind).toBe('linear-program');
    expect(bounds.fractional).toBeCloseTo(0.08, 6);
    expect(quality.maxLoad).toBeCloseTo(0.08, 9);
    expect(quality.provedOptimal).toBe(true);
  });

  it('never makes a hybrid worse than any base it may stand on', async () => {
    const fabric = cut({ leaves: 8, spines: 6, hostsPerLeaf: 8 }, 60);
    const elephants = flowsOf([
      ...Array.from({ length: 60 }, (_, i): [number, number, number] => [i, (i * 5 + 9) % 64, 1e8]),
      [0, 20, 4e9],
      [1, 29, 4e9],
      [2, 38, 3e9],
    ]);
    for (const more of [{}, roce]) {
      const { quality, baselines } = await route(fabric, elephants, more);
      expect(quality.maxLoad).toBeLessThanOrEqual(baselines[3]!.maxLoad * (1 + 1e-9));
      expect(quality.reachable && quality.deadlockFree).toBe(true);
    }
  });

  it('refuses more pins than the switch has policy routes, and ECMP on InfiniBand with a warning', async () => {
    const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 4 });
    const flows = expertFlows({ endpoints: 16, group: 8, stride: 3, exponent: 1, bytes: 1e6, seed: 1 });
    const limits = { tableEntries: 131072, policyEntries: 0 };
    const pinless = await route(fabric, flows, { transport: 'roce', limits });
    expect(pinless.issues.map((i) => i.code)).toEqual(['pins-refused']);
    expect(pinless.quality.policyEntries).toBe(0);
    const ecmp = await route(fabric, flows, { strategy: 'ecmp' });
    expect(ecmp.issues.map((i) => [i.code, i.severity])).toEqual([['transport-cannot', 'warning']]);
  });

  it('finds a table too large for the switch', async () => {
    const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 4 });
    const { issues } = await route(fabric, allToAll(16), { limits: { tableEntries: 15, policyEntries: 0 } });
    expect(issues.map((i) => [i.code, i.severity])).toEqual([['too-many-table-entries', 'error']]);
  });

  it('is quiet without demand', async () => {
    const { quality, alreadyOptimal } = await route(
      clos2({ leaves: 4, spines: 2, hostsPerLeaf: 4 }),
      flowsOf([]),
    );
    expect(quality).toMatchObject({ maxLoad: 0, ratioToFractional: 1, ratioToWhole: 1, provedOptimal: true });
    expect(alreadyOptimal).toBe(true);
  });

  it('gives the same outcome for the same input', async () => {
    const fabric = cut({ leaves: 12, spines: 8, hostsPerLeaf: 8 }, 40);
    const flows = expertFlows({ endpoints: 96, group: 24, stride: 5, exponent: 0.7, bytes: 1e7, seed: 4 });
    expect(await route(fabric, flows)).toEqual(await route(fabric, flows));
  });
});

describe('asOneTable', () => {
  it('drops a pin that leaves a switch for a destination by another link than an earlier one', () => {
    const fabric = clos2({ leaves: 3, spines: 1, cables: 2, hostsPerLeaf: 1 });
    const spine = 6;
    const link = (from: number, to: number, n: number) => {
      const all = Array.from({ length: fabric.links }, (_, l) => l);
      return all.filter((l) => fabric.linkFrom[l] === from && fabric.linkTo[l] === to)[n]!;
    };
    const pin = (leaf: number, n: number) => [link(leaf, spine, 0), link(spine, 5, n)];
    const routes: PinnedRoutes = {
      kind: 'pinned',
      base: { kind: 'adaptive' },
      src: Int32Array.of(0, 1),
      dst: Int32Array.of(2, 2),
      start: Uint32Array.of(0, 2, 4),
      links: Uint32Array.from([...pin(3, 0), ...pin(4, 1)]),
    };
    expect([...asOneTable({ fabric }, routes).src]).toEqual([0]);
  });
});
