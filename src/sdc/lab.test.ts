import { describe, expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { stream } from '../numeric/random.ts';
import { quietContext } from '../plan/library.ts';
import { Detectors } from './detect.ts';
import { BITS, FaultPlan, flipBits } from './faults.ts';
import { runLab, SIZES } from './lab.ts';
import { layoutOf } from './model.ts';
import { copyState, sameBits, Trainer } from './trainer.ts';
import type { LabSize } from './types.ts';

const tiny: LabSize = {
  model: { vocabulary: 5, width: 8, heads: 2, layers: 2, hidden: 12, sequence: 6 },
  ranks: 4,
  batch: 2,
  before: 60,
  after: 20,
  draws: 1,
};

describe('training', () => {
  it('learns, and again to the same bits', () => {
    const run = () => {
      const trainer = new Trainer(tiny, 3);
      const state = trainer.start();
      const losses = Array.from({ length: 200 }, () => trainer.step(state, null).loss);
      return { state, losses };
    };
    const a = run();
    const mean = (part: readonly number[]) => part.reduce((s, x) => s + x, 0) / part.length;
    expect(mean(a.losses.slice(-20))).toBeLessThan(0.7 * mean(a.losses.slice(0, 20)));
    expect(sameBits(a.state.weights, run().state.weights)).toBe(true);
  });

  it('a strike on one rank shows in its checksum and, when its turn comes, in the replay', () => {
    const trainer = new Trainer(tiny, 3);
    const state = trainer.start();
    const strike = (c: Float32Array | Float64Array) => {
      c[0] = c[0]! + 1;
    };
    // Steps 0, 4, 8, 12 replay ranks 0 to 3.
    const steps = Array.from({ length: 16 }, () => trainer.step(state, { rank: 2, strike, onState: null }));
    expect(steps.every((s) => s.mismatches > 0)).toBe(true);
    expect(steps.flatMap((s, i) => (s.replayAgrees ? [] : [i]))).toEqual([8]);
  });
});

describe('faults', () => {
  it('a flip changes one bit of its group, once', () => {
    const r = stream(1, 'flip test');
    for (const [bits, [low, high]] of Object.entries(BITS)) {
      const trainer = new Trainer(tiny, 3);
      const before = trainer.start();
      const after = copyState(before);
      const fault = { kind: 'flip', phase: 'weights', bits: bits as keyof typeof BITS, layer: 1 } as const;
      const plan = new FaultPlan(fault, r, 4, layoutOf(tiny.model));
      plan.at(0)!.onState!(after);
      expect(plan.at(1)).toBeNull();
      const x = new Uint32Array(before.weights.buffer);
      const y = new Uint32Array(after.weights.buffer);
      const changed = [...x.keys()].filter((i) => x[i] !== y[i]);
      expect(changed).toHaveLength(1);
      const bit = Math.log2((x[changed[0]!]! ^ y[changed[0]!]!) >>> 0);
      expect(bit >= low && bit <= high).toBe(true);
    }
  });

  it('flipping twice is nothing', () => {
    const x = Float32Array.of(1.5, -2);
    flipBits(x, 1, 1 << 30);
    expect(Math.abs(x[1]!)).not.toBe(2);
    flipBits(x, 1, 1 << 30);
    expect([...x]).toEqual([1.5, -2]);
  });
});

it('detectors speak at a jump and at a value that is not finite, and not before', () => {
  const d = new Detectors();
  const r = stream(1, 'detector test');
  const step = (loss: number) =>
    d.look({ loss, gradNorm: 1, mismatches: 0, replayed: -1, replayAgrees: true });
  for (let i = 0; i < 60; i++) expect(Object.values(step(2 + 0.02 * r.uniform())).some(Boolean)).toBe(false);
  expect(step(4)).toMatchObject({ loss: true, nan: false, gradNorm: false });
  expect(step(Number.NaN)).toMatchObject({ loss: false, nan: true });
});

it('the lab: no alarm in the clean run, checksums see strikes on products and nothing in memory', () => {
  const table = runLab(tiny, 1, quietContext(builtin(), 1));
  expect(Object.values(table.falseAlarms)).toEqual([0, 0, 0, 0, 0]);
  expect(table.rows).toHaveLength(24);
  const of = (part: string) => table.rows.filter((row) => row.fault.includes(part));
  // A weight that becomes enormous overflows products, and then their sums do not hold either.
  const inMemory = of('memory').filter((row) => row.fault.includes('mantissa'));
  expect(inMemory).toHaveLength(4);
  for (const row of inMemory) expect(row.seen.abft + row.seen.replay).toBe(0);
  for (const row of [...of('stuck bit'), ...of('activations, top bit')]) expect(row.seen.abft).toBe(row.runs);
  expect(of('stuck bit')[0]).toMatchObject({ changed: 1, unseen: 0 });
});

it('the table of the catalog is of the sizes that the command has', () => {
  for (const name of ['full', 'quick'] as const) {
    const id = name === 'full' ? 'sdc-lab' : 'sdc-lab.quick';
    expect((builtin().published(id).value as { size: LabSize }).size).toEqual(SIZES[name]);
  }
});
