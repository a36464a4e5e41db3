import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourEquitably } from './split.ts';
import type { SplitGraph } from './split-graph.ts';

/** Largest difference between two colours' counts over the sets of `key`: 0 or 1 when equitable. */
function spread(graph: SplitGraph, key: Int32Array, keys: number, colour: Int32Array, k: number): number {
  let worst = 0;
  for (let x = 0; x < keys; x++) {
    const counts = new Array<number>(k).fill(0);
    for (let e = 0; e < graph.count; e++) if (key[e] === x) counts[colour[e]!]!++;
    worst = Math.max(worst, Math.max(...counts) - Math.min(...counts));
  }
  return worst;
}

function graphOf(
  lefts: number,
  rights: number,
  inPerRight: number,
  edges: [number, number, number][],
): SplitGraph {
  return {
    count: edges.length,
    left: Int32Array.from(edges, (e) => e[0]),
    lefts,
    right: Int32Array.from(edges, (e) => Math.floor(e[1] / inPerRight)),
    rights,
    inner: Int32Array.from(edges, (e) => e[1]),
    inners: rights * inPerRight,
    weight: Float64Array.from(edges, (e) => e[2]),
  };
}

const graphs = fc
  .record({
    lefts: fc.integer({ min: 1, max: 9 }),
    rights: fc.integer({ min: 1, max: 7 }),
    inner: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ lefts, rights, inner }) =>
    fc
      .array(fc.tuple(fc.nat(lefts - 1), fc.nat(rights * inner - 1), fc.constantFrom(1, 1, 2, 3.5, 0.25)), {
        maxLength: 260,
      })
      .map((edges) => graphOf(lefts, rights, inner, edges)),
  );

describe('colourEquitably', () => {
  it('keeps the counts of any two colours within one at every vertex, for every number of colours', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 40 }), (graph, k) => {
        const colour = colourEquitably(graph, k);
        for (let e = 0; e < graph.count; e++) expect(colour[e]! >= 0 && colour[e]! < k).toBe(true);
        expect(spread(graph, graph.left, graph.lefts, colour, k)).toBeLessThanOrEqual(1);
        expect(spread(graph, graph.right, graph.rights, colour, k)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('is equitable in the inner sets too for powers of two', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom(2, 4, 8, 16, 32), (graph, k) => {
        const colour = colourEquitably(graph, k);
        expect(spread(graph, graph.inner, graph.inners, colour, k)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });

  it('halves the weight at every vertex to within its largest edge', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const colour = colourEquitably(graph, 2);
        for (const [key, keys, sets] of [
          [graph.left, graph.lefts, 1],
          // Two sorted runs meet on the right: pairs inside the inner sets, then the pairs across them.
          [graph.right, graph.rights, graph.inners / graph.rights + 1],
        ] as const) {
          for (let x = 0; x < keys; x++) {
            let difference = 0;
            let largest = 0;
            for (let e = 0; e < graph.count; e++) {
              if (key[e] !== x) continue;
              difference += colour[e] === 0 ? graph.weight[e]! : -graph.weight[e]!;
              largest = Math.max(largest, graph.weight[e]!);
            }
            expect(Math.abs(difference)).toBeLessThanOrEqual(sets * largest + 1e-9);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('reaches the brute-force optimum of the largest count on tiny graphs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.constant(1)), { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 2, max: 3 }),
        (edges, k) => {
          const graph = graphOf(3, 3, 1, edges);
          const largest = (colour: ArrayLike<number>) => {
            const at = new Array<number>(6 * k).fill(0);
            for (let e = 0; e < graph.count; e++) {
              at[graph.left[e]! * k + colour[e]!]!++;
              at[(3 + graph.right[e]!) * k + colour[e]!]!++;
            }
            return Math.max(...at);
          };
          let best = Infinity;
          const trial = new Int32Array(graph.count);
          const tryAll = (e: number): void => {
            if (e === graph.count) best = Math.min(best, largest(trial));
            for (let c = 0; e < graph.count && c < k; c++) {
              trial[e] = c;
              tryAll(e + 1);
            }
          };
          tryAll(0);
          expect(largest(colourEquitably(graph, k))).toBe(best);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is the same for the same input', () => {
    const edges = Array.from({ length: 500 }, (_, i): [number, number, number] => [
      i % 7,
      (i * 5) % 12,
      1 + (i % 3),
    ]);
    const graph = graphOf(7, 4, 3, edges);
    expect(colourEquitably(graph, 12)).toEqual(colourEquitably(graph, 12));
  });
});
