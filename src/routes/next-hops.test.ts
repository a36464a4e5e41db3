import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { buildFabric, type CableInput, isSwitch, type NodeInput } from '../fabric/builder.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import { hash4 } from '../numeric/random.ts';
import { nextHops } from './next-hops.ts';

/** Links out of `node` that start a path to `leaf` over the fewest ups, then the fewest downs: brute force. */
function oracle(fabric: Fabric, node: number, leaf: number): number[] {
  const inner = (l: number, direction: number) =>
    fabric.linkAlive[l] === 1 &&
    isSwitch(fabric, fabric.linkTo[l]!) &&
    fabric.plane[fabric.linkFrom[l]!] === fabric.plane[fabric.linkTo[l]!] &&
    fabric.linkDirection[l] === direction;
  const out = (n: number, direction: number) => {
    const links: number[] = [];
    for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++)
      if (inner(l, direction)) links.push(l);
    return links;
  };
  const depth = (n: number): number =>
    n === leaf ? 0 : Math.min(Infinity, ...out(n, -1).map((l) => 1 + depth(fabric.linkTo[l]!)));
  const ups = (n: number): number =>
    depth(n) < Infinity ? 0 : Math.min(Infinity, ...out(n, 1).map((l) => 1 + ups(fabric.linkTo[l]!)));
  if (depth(node) < Infinity)
    return out(node, -1).filter((l) => depth(fabric.linkTo[l]!) === depth(node) - 1);
  return out(node, 1).filter(
    (l) => ups(fabric.linkTo[l]!) < Infinity && ups(fabric.linkTo[l]!) === ups(node) - 1,
  );
}

function check(fabric: Fabric): void {
  const hops = nextHops(fabric);
  const out = new Int32Array(512);
  for (let node = fabric.endpoints; node < fabric.nodes; node++) {
    for (let e = 0; e < fabric.endpoints; e++) {
      const n = hops.candidates(node, e, out);
      const leaf = hops.leafOf[e]!;
      const expected = leaf < 0 ? [] : leaf === node ? [hops.edge[e]!] : oracle(fabric, node, leaf);
      expect([...out.subarray(0, n)], `${fabric.names[node]} to ${fabric.names[e]}`).toEqual(expected);
    }
  }
}

/** A fabric with some links dead, chosen by a hash so that shrinking keeps its meaning. */
function damaged(fabric: Fabric, seed: number, permille: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  for (let l = 0; l < fabric.links; l++) {
    const cable = Math.min(l, fabric.linkReverse[l]!);
    if (hash4(cable, seed, 0, 0) % 1000 < permille) linkAlive[l] = 0;
  }
  return { ...fabric, linkAlive };
}

describe('nextHops', () => {
  it('goes up every port and down the only way in a full tree', () => {
    const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 3, cables: 2 });
    const hops = nextHops(fabric);
    const out = new Int32Array(8);
    expect(hops.candidates(hops.leafOf[0]!, 11, out)).toBe(4);
    expect(hops.switchHops(0, 1)).toBe(1);
    expect(hops.switchHops(0, 11)).toBe(3);
    check(fabric);
  });

  it('agrees with brute force on a three-layer tree', () => {
    const fabric = clos3(4);
    const hops = nextHops(fabric);
    expect(hops.switchHops(0, fabric.endpoints - 1)).toBe(5);
    check(fabric);
  });

  it('agrees with brute force on damaged two-layer trees', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        fc.integer({ min: 0, max: 600 }),
        (leaves, spines, hostsPerLeaf, cables, seed, permille) =>
          check(damaged(clos2({ leaves, spines, hostsPerLeaf, cables }), seed, permille)),
      ),
      { numRuns: 120 },
    );
  });

  it('agrees with brute force on damaged three-layer trees', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 500 }), (seed, permille) =>
        check(damaged(clos3(4), seed, permille)),
      ),
      { numRuns: 60 },
    );
  });

  it('finds aggregators below spines, links that skip a tier, and no way between planes', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => check(irregular(seed))),
      { numRuns: 60 },
    );
  });
});

/** Two planes of random three-tier switches with endpoints on any tier, some links skipping a tier or crossing planes. */
function irregular(seed: number): Fabric {
  const nodes: NodeInput[] = [];
  const cables: CableInput[] = [];
  const ports = new Map<number, number>();
  const port = (n: number) => ports.set(n, (ports.get(n) ?? 0) + 1).get(n)!;
  const join = (a: number, b: number) => cables.push({ a, aPort: port(a), b, bPort: port(b), rate: 1 });
  const endpoints = 10;
  const switches = 14;
  for (let e = 0; e < endpoints; e++) {
    nodes.push({
      name: `e${e}`,
      kind: e % 5 === 4 ? NodeKind.aggregator : NodeKind.endpoint,
      tier: 0,
      plane: e & 1,
    });
  }
  for (let s = 0; s < switches; s++) {
    nodes.push({ name: `s${s}`, kind: NodeKind.switch, tier: 1 + (hash4(seed, s, 1, 0) % 3), plane: s & 1 });
  }
  for (let e = 0; e < endpoints; e++) join(e, endpoints + (e & 1) + 2 * (hash4(seed, e, 2, 0) % 7));
  for (let a = 0; a < switches; a++) {
    for (let b = 0; b < a; b++) {
      const chance = (a & 1) === (b & 1) ? 400 : 30;
      if (hash4(seed, a, b, 3) % 1000 < chance) join(endpoints + a, endpoints + b);
    }
  }
  return buildFabric({
    name: 'irregular',
    transport: 'infiniband',
    planes: 2,
    layers: 3,
    nodes,
    cables,
    hostNames: [],
    hostOf: new Array(endpoints).fill(-1),
    nicOf: new Array(endpoints).fill(0),
  });
}
