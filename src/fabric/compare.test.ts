import { describe, expect, test } from 'vitest';
import { type Context, inline } from '../base/context.ts';
import { builtin } from '../catalog/catalog.ts';
import { fabricCases } from './cases.ts';
import { compareTopologies, dragonfly, slimFly, slimFlyDegree } from './compare.ts';

const catalog = builtin();
const context: Context = {
  seed: 1,
  catalog,
  clock: () => 0,
  progress: () => {},
  cancelled: () => false,
  parallel: inline,
  solver: () => Promise.reject(new Error('no solver here')),
};

/** Switches, switch-to-switch links and diameter of a graph given by its edges (parallel edges count). */
function measure(nodes: number, edges: readonly (readonly [number, number])[]) {
  const near: number[][] = Array.from({ length: nodes }, () => []);
  for (const [a, b] of edges) {
    near[a]!.push(b);
    near[b]!.push(a);
  }
  let diameter = 0;
  for (let first = 0; first < nodes; first++) {
    const distance = new Map([[first, 0]]);
    for (const [node, d] of distance)
      for (const other of near[node]!) if (!distance.has(other)) distance.set(other, d + 1);
    expect(distance.size).toBe(nodes);
    diameter = Math.max(diameter, ...distance.values());
  }
  return { switches: nodes, links: edges.length, degrees: new Set(near.map((x) => x.length)), diameter };
}

/** McKay-Miller-Siran graph for a prime q = 4w + 1: two q x q halves, quadratic residues and the rest. */
function mmsGraph(q: number): [number, number][] {
  const residue = new Set(Array.from({ length: q - 1 }, (_, i) => ((i + 1) * (i + 1)) % q));
  const id = (half: number, x: number, y: number) => (half * q + x) * q + y;
  const edges: [number, number][] = [];
  for (let x = 0; x < q; x++) {
    for (let y = 0; y < q; y++) {
      for (let z = y + 1; z < q; z++)
        edges.push(residue.has(z - y) ? [id(0, x, y), id(0, x, z)] : [id(1, x, y), id(1, x, z)]);
      for (let m = 0; m < q; m++) edges.push([id(0, x, y), id(1, m, (((y - m * x) % q) + q) % q)]);
    }
  }
  return edges;
}

/** Dragonfly: complete groups of a switches; h global ports a switch, dealt round the other groups. */
function dragonflyGraph(a: number, h: number, groups: number): [number, number][] {
  const edges: [number, number][] = [];
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < a; i++) for (let j = i + 1; j < a; j++) edges.push([g * a + i, g * a + j]);
    // Global port t of group g goes to the group t + 1 further on; the far end's port mirrors it.
    for (let t = 0; t < groups - 1; t++) {
      const far = (g + t + 1) % groups;
      if (g < far) edges.push([g * a + Math.floor(t / h), far * a + Math.floor((groups - 2 - t) / h)]);
    }
  }
  return edges;
}

describe('closed forms against built graphs', () => {
  test.each([5, 13])('Slim Fly, q = %i: 2q^2 routers of one degree, diameter 2', (q) => {
    const built = measure(2 * q * q, mmsGraph(q));
    expect(built.degrees).toEqual(new Set([slimFlyDegree(q)]));
    expect(built.diameter).toBe(2);
    const radix = slimFlyDegree(q) + Math.ceil(slimFlyDegree(q) / 2);
    expect(slimFly(radix)).toMatchObject({
      switches: built.switches,
      links: built.links,
      worstHops: built.diameter + 1,
    });
  });

  test('dragonfly with all global ports cabled: a*h + 1 groups, diameter 3', () => {
    const [a, h] = [4, 2];
    const built = measure(a * (a * h + 1), dragonflyGraph(a, h, a * h + 1));
    expect(built.degrees).toEqual(new Set([a - 1 + h]));
    const row = dragonfly(4 * h - 1)!;
    expect(row.worstHops).toBe(built.diameter + 1);
    // Per group the same switches and links; the row has two groups fewer.
    expect(row.switches / (a * h - 1)).toBe(built.switches / (a * h + 1));
    expect(row.links / (a * h - 1)).toBe(built.links / (a * h + 1));
  });
});

test('radix 64 and 8 planes give the published table', () => {
  const rows = compareTopologies(64, 8, catalog);
  expect(rows.map((r) => [r.id, r.endpoints, r.switches, r.links, r.worstHops])).toEqual([
    ['FT2', 2048, 96, 2048, 3],
    ['MPFT', 16384, 768, 16384, 3],
    ['FT3', 65536, 5120, 131072, 5],
    ['SF', 32928, 1568, 32928, 3],
    ['DF', 261632, 16352, 384272, 4],
  ]);
  expect(rows.find((r) => r.id === 'SF')!.note).toContain('q = 28');
});

test('a radix too small for a topology leaves its row out', () => {
  expect(compareTopologies(4, 2, catalog).map((r) => r.id)).toEqual(['FT2', 'MPFT', 'FT3', 'DF']);
  expect(compareTopologies(1, 2, catalog)).toEqual([]);
});

describe('validation cases', () => {
  const cases = fabricCases(catalog);
  test('there are the fifteen integers, the costs, the SuperPOD counts and the planes', () => {
    expect(cases).toHaveLength(15 + 5 + 15 + 7);
    expect(new Set(cases.map((c) => c.id)).size).toBe(cases.length);
  });

  test.each(cases.map((c) => [c.id, c] as const))('%s', async (_, c) => {
    const computed = await c.compute(context);
    expect(Math.abs(computed - c.published)).toBeLessThanOrEqual(c.tolerance * c.published);
  });
});
