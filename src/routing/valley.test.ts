import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { buildFabric, type CableInput } from '../fabric/builder.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { valleyRoutes } from './valley.ts';

/** 3 leaves of 2 hosts, 3 spines; an aggregation node below spine 0 and one below spine 1; leaf 2 has no cable to spine 1. */
function withAggregators(): Fabric {
  const hosts = 6;
  const ends = 8;
  const leaf = (l: number) => ends + l;
  const spine = (s: number) => ends + 3 + s;
  const cables: CableInput[] = [];
  for (let h = 0; h < hosts; h++)
    cables.push({ a: h, aPort: 1, b: leaf(Math.floor(h / 2)), bPort: 1 + (h % 2), rate: 1 });
  for (const a of [0, 1]) cables.push({ a: hosts + a, aPort: 1, b: spine(a), bPort: 9, rate: 1 });
  for (let l = 0; l < 3; l++) {
    for (let s = 0; s < 3; s++) {
      if (l === 2 && s === 1) continue;
      cables.push({ a: leaf(l), aPort: 3 + s, b: spine(s), bPort: 1 + l, rate: 1 });
    }
  }
  const node = (name: string, kind: number, tier: number) => ({ name, kind, tier, plane: 0 });
  return buildFabric({
    name: 'aggregators',
    transport: 'infiniband',
    planes: 1,
    layers: 2,
    nodes: [
      ...Array.from({ length: hosts }, (_, h) => node(`h${h}`, NodeKind.endpoint, 0)),
      node('agg0', NodeKind.aggregator, 0),
      node('agg1', NodeKind.aggregator, 0),
      ...[0, 1, 2].map((l) => node(`leaf${l}`, NodeKind.switch, 1)),
      ...[0, 1, 2].map((s) => node(`spine${s}`, NodeKind.switch, 2)),
    ],
    cables,
    hostNames: [],
    hostOf: new Array(ends).fill(-1),
    nicOf: new Array(ends).fill(0),
  });
}

describe('valleyRoutes', () => {
  const fabric = withAggregators();
  const hops = nextHops(fabric);
  const modulo = moduloTables(fabric, hops);
  const named = (list: readonly { from: number; dst: number }[]) =>
    list.map(({ from, dst }) => `${fabric.names[from]} ${fabric.names[dst]}`);

  it('lists the pairs without an up/down path and joins them through one leaf on a lane of their own', () => {
    const made = valleyRoutes(fabric, hops, modulo);
    expect(named(made.pairs)).toEqual([
      'spine1 h4', // and h5, below the leaf without a cable
      'spine1 h5',
      'spine1 agg0',
      'leaf2 agg1',
      'spine0 agg1',
    ]);
    expect(made.leftOut).toEqual([]);
    expect([made.lanes, made.deadlockFree]).toEqual([2, [true, true]]);
    const after = verifyRoutes(fabric, made.routes, hops);
    expect([after.unreachablePairs, after.unreachableAggregatorPairs]).toEqual([0, 0]);
    // The leaf that they share is one with cables to both spines.
    expect(['leaf0', 'leaf1']).toContain(fabric.names[made.leaves[0]!]);
  });

  it('leaves the other entries alone', () => {
    const { routes } = valleyRoutes(fabric, hops, modulo);
    for (let h = 0; h < 4; h++) {
      for (const s of [0, 1, 2]) expect(routes.rows[s]![h]).toBe(modulo.rows[s]![h]);
    }
  });

  it('lists and leaves out on request', () => {
    const made = valleyRoutes(fabric, hops, modulo, 'omit');
    expect(made.leftOut).toEqual(made.pairs);
    expect([made.routes, made.lanes, made.deadlockFree]).toEqual([modulo, 1, [true]]);
  });

  it('has nothing to do where everything has an up/down path', () => {
    const plain = clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 });
    const h = nextHops(plain);
    const routes = moduloTables(plain, h);
    const made = valleyRoutes(plain, h, routes);
    expect([made.pairs.length, made.routes, made.lanes]).toEqual([0, routes, 1]);
  });

  it('leaves out what no leaf joins', () => {
    // Spine 2 loses its cables but one, and leaf 2 all but that one: its way to agg0 would need two valleys.
    const linkAlive = fabric.linkAlive.slice();
    const kill = (a: string, b: string) => {
      for (let l = 0; l < fabric.links; l++) {
        if (fabric.names[fabric.linkFrom[l]!] === a && fabric.names[fabric.linkTo[l]!] === b)
          linkAlive[l] = linkAlive[fabric.linkReverse[l]!] = 0;
      }
    };
    for (const s of ['spine0', 'spine2']) kill('leaf2', s);
    const cut = { ...fabric, linkAlive };
    const h = nextHops(cut);
    const made = valleyRoutes(cut, h, moduloTables(cut, h));
    const lost = made.leftOut.map(({ from, dst }) => `${cut.names[from]} ${cut.names[dst]}`);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every((pair) => pair.includes('leaf2') || / h[45]$/.test(pair))).toBe(true);
  });
});
