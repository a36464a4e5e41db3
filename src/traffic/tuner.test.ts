import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Operation } from '../workload/types.ts';
import { rankLayout } from './layout.ts';
import { transfersOf } from './transfers.ts';
import { ncclTuner, type Tuner } from './tuner.ts';
import { Via } from './types.ts';

const catalog = builtin();
const tuner = ncclTuner(catalog.find('node', 'hgx-h100')!, catalog);
const lay = (nodes: number, perNode: number) => ({ size: nodes * perNode, nodes, perNode });

/** Bytes from which on rings are chosen, by halving: up to a factor of 1.01. */
function crossover(choose: Tuner, nodes: number, perNode: number): number {
  let low = 1;
  let high = 1e15;
  while (high / low > 1.01) {
    const middle = Math.sqrt(low * high);
    if (choose(middle, lay(nodes, perNode)) === 'tree') low = middle;
    else high = middle;
  }
  return high;
}

describe('the choice of an all-reduce', () => {
  test('small ones go by trees, large ones by rings, and on one node all by rings', () => {
    expect(tuner(64 * 1024, lay(16, 8))).toBe('tree');
    expect(tuner(1e6, lay(16, 1))).toBe('tree');
    expect(tuner(1e10, lay(16, 8))).toBe('ring');
    expect(tuner(64, lay(1, 8))).toBe('ring');
  });

  test('more ranks move the crossover up', () => {
    for (const perNode of [1, 2, 8]) {
      let before = 0;
      for (let nodes = 4; nodes <= 4096; nodes *= 2) {
        const at = crossover(tuner, nodes, perNode);
        expect(at).toBeGreaterThan(before);
        before = at;
      }
    }
  });

  test('has one crossover: what is larger than a ring is no tree', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3, 4, 12, 64, 500),
        fc.constantFrom(1, 4, 8),
        fc.integer({ min: 0, max: 40 }),
        (nodes, perNode, power) => {
          const bytes = 2 ** power;
          fc.pre(tuner(bytes, lay(nodes, perNode)) === 'ring' && power > 16);
          expect(tuner(2 * bytes, lay(nodes, perNode))).toBe('ring');
        },
      ),
    );
  });
});

describe('transfers of what was chosen', () => {
  const layout = rankLayout(128, 8);
  if (!layout.ok) throw new Error('no layout');
  const reduce = (bytesPerRank: number): Operation => ({
    id: 'a',
    title: 'a',
    kind: 'all-reduce',
    phase: 'backward',
    dimension: 'data',
    groups: { inner: [{ size: 128, stride: 1 }], outer: [] },
    bytesPerRank,
    count: [1],
    overlaps: null,
    forwarding: 'none',
  });
  const made = (bytes: number) =>
    transfersOf(reduce(bytes), layout.value, { collective: 'auto', tuner, stageStride: 128 });

  test.each([
    ['a tree', 1e6, 'tree'],
    ['a ring', 1e10, 'ring'],
  ])('%s takes in as much as it gives out, on every rank', (_, bytes, algorithm) => {
    const t = made(bytes);
    expect(t.algorithm).toBe(algorithm);
    const balance = new Float64Array(128);
    let network = 0;
    for (let k = 0; k < t.count; k++) {
      balance[t.from[k]!]! += t.bytes[k]!;
      balance[t.to[k]!]! -= t.bytes[k]!;
      if (t.via[k] === Via.network) network += t.bytes[k]!;
    }
    for (const b of balance) expect(Math.abs(b)).toBeLessThan(1e-6 * bytes);
    // 16 nodes: 2 x 15 messages of the whole vector; around the ring of ranks every node passes it on but for 1 / 128.
    const each = algorithm === 'tree' ? 2 * 15 : (2 * 16 * 127) / 128;
    expect(network).toBeCloseTo(each * bytes, -1);
  });

  test('without a tuner rings are taken', () => {
    const t = transfersOf(reduce(1e6), layout.value, { collective: 'auto', stageStride: 128 });
    expect(t.algorithm).toBe('ring');
  });
});
