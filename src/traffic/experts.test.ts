import { describe, expect, test } from 'vitest';
import { stream } from '../numeric/random.ts';
import {
  checkExpertChoice,
  type ExpertChoice,
  expertShares,
  expertSharing,
  expertWeights,
} from './experts.ts';
import { rankLayout } from './layout.ts';
import { type GroupShape, groupShape } from './shapes.ts';

function shapeOf(members: readonly number[]): GroupShape {
  const layout = rankLayout(256, 8);
  if (!layout.ok) throw new Error('no layout');
  return groupShape(Int32Array.from(members), layout.value);
}
const firstRanks = (n: number) => shapeOf(Array.from({ length: n }, (_, i) => i));
const base: ExpertChoice = { routed: 256, active: 8, popularity: { kind: 'uniform' }, nodeLimit: 4, seed: 1 };
const sum = (x: Float64Array) => x.reduce((a, b) => a + b, 0);

test.each([
  [16, 1.99, 6.5],
  [32, 3.61, 7.3],
  [64, 3.98, 7.5],
  [128, 4.0, 7.6],
])('uniform choice among %d GPUs reaches %d nodes and %d GPUs', (size, nodes, gpus) => {
  const shares = expertShares(base, 0, firstRanks(size));
  expect(Math.abs(sum(shares.node) / nodes - 1)).toBeLessThan(0.01);
  expect(Math.abs(sum(shares.rank) / gpus - 1)).toBeLessThan(0.01);
  expect(new Set(shares.node).size).toBe(1);
  expect(new Set(shares.rank).size).toBe(1);
});

/** One clock an expert, all of them sorted: the rule as it is told. */
function slowShares(choice: ExpertChoice, weights: Float64Array, shape: GroupShape, tokens: number) {
  const random = stream(99, 'slow-oracle');
  const each = choice.routed / shape.size;
  const rank = new Float64Array(shape.size);
  const node = new Float64Array(shape.nodes);
  for (let t = 0; t < tokens; t++) {
    const experts = Array.from(weights, (w, e) => {
      const member = Math.floor(e / each);
      return { clock: w > 0 ? random.exponential() / w : Infinity, member, node: shape.slot[member]! };
    });
    const best = Array.from({ length: shape.nodes }, (_, n) =>
      Math.min(...experts.filter((e) => e.node === n).map((e) => e.clock)),
    );
    const order = best.map((_, n) => n).sort((a, b) => best[a]! - best[b]!);
    const near = new Set(order.slice(0, choice.nodeLimit ?? shape.nodes));
    const chosen = experts
      .filter((e) => near.has(e.node) && e.clock < Infinity)
      .sort((a, b) => a.clock - b.clock)
      .slice(0, choice.active);
    for (const m of new Set(chosen.map((e) => e.member))) rank[m]! += 1 / tokens;
    for (const n of new Set(chosen.map((e) => e.node))) node[n]! += 1 / tokens;
  }
  return { rank, node };
}

describe('a skewed choice agrees with one clock an expert', () => {
  const scattered = shapeOf([0, 9, 1, 17, 10, 2, 25, 3]);
  test.each<[string, ExpertChoice, GroupShape]>([
    [
      'Zipf, two nodes at most',
      { ...base, routed: 32, active: 4, nodeLimit: 2, popularity: { kind: 'zipf', exponent: 1.1 } },
      firstRanks(32),
    ],
    [
      'Zipf, no limit',
      { ...base, routed: 32, active: 6, nodeLimit: null, popularity: { kind: 'zipf', exponent: 0.8 } },
      firstRanks(16),
    ],
    [
      'uneven nodes',
      { ...base, routed: 16, active: 3, nodeLimit: 2, popularity: { kind: 'zipf', exponent: 1.5 } },
      scattered,
    ],
    [
      'a list with zeros and giants',
      {
        ...base,
        routed: 8,
        active: 3,
        nodeLimit: null,
        popularity: { kind: 'list', weights: [1e12, 0, 1, 2, 3, 0, 1, 5] },
      },
      scattered,
    ],
  ])('%s', (_, choice, shape) => {
    const fast = expertShares(choice, 3, shape);
    const slow = slowShares(choice, expertWeights(choice, 3), shape, 20_000);
    for (const key of ['rank', 'node'] as const) {
      for (let i = 0; i < fast[key].length; i++) {
        const p = slow[key][i]!;
        const deviation = Math.sqrt((p * (1 - p)) / 8192 + (p * (1 - p)) / 20_000) + 1e-4;
        expect(Math.abs(fast[key][i]! - p)).toBeLessThan(4.5 * deviation);
      }
    }
  });
});

test('stages have orders of their own, the seed decides, and results are remembered', () => {
  const choice: ExpertChoice = { ...base, popularity: { kind: 'zipf', exponent: 1.1 } };
  expect(expertWeights(choice, 0)).not.toEqual(expertWeights(choice, 1));
  expect(expertWeights(choice, 0)).toEqual(expertWeights({ ...choice }, 0));
  expect(expertWeights(choice, 0)).not.toEqual(expertWeights({ ...choice, seed: 2 }, 0));
  const shape = firstRanks(16);
  const sharing = expertSharing(choice);
  expect(sharing(1, shape)).toBe(sharing(1, shape));
  expect(sharing(1, shape).rank).not.toEqual(sharing(0, shape).rank);
  const uniform = expertSharing(base);
  expect(uniform(1, shape)).toBe(uniform(0, shape));
});

test('each node of a limit holds what a token needs: all of its experts are found', () => {
  const everything: ExpertChoice = { ...base, routed: 16, active: 16, nodeLimit: null };
  expect(expertShares(everything, 0, firstRanks(16)).rank).toEqual(new Float64Array(16).fill(1));
});

describe('issues', () => {
  const shape = firstRanks(64);
  const codes = (choice: Partial<ExpertChoice>) =>
    checkExpertChoice({ ...base, ...choice }, shape).map((i) => i.code);
  const list = (weights: number[]) => ({ popularity: { kind: 'list', weights } }) as const;
  test('of lists and limits', () => {
    expect(codes({})).toEqual([]);
    expect(codes(list([1, 2]))).toEqual(['expert-list']);
    expect(codes(list(Array.from({ length: 256 }, (_, i) => (i === 3 ? Number.NaN : 1))))).toEqual([
      'expert-list',
    ]);
    expect(codes(list(Array.from({ length: 256 }, (_, i) => (i < 7 ? 1 : 0))))).toEqual(['expert-list']);
    expect(codes({ nodeLimit: 1, active: 33 })).toEqual(['node-limit']);
    expect(codes({ nodeLimit: 0 })).toEqual(['node-limit']);
  });
});
