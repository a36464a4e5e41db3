import { describe, expect, it } from 'vitest';
import { ceilingOf, doublingGain } from './ceiling.ts';
import type { ScalePoint, ScaleResult } from './types.ts';

const result = (tokensPerSecond: number, parts: Record<string, number>): ScaleResult => ({
  stepSeconds: Object.values(parts).reduce((sum, s) => sum + s, 0),
  runSeconds: 1,
  tokensPerSecond,
  tokensPerSecondPerGpu: 1,
  mfu: 0.5,
  ettr: null,
  usdPerToken: null,
  parts,
  reach: {
    flops: 1,
    parameters: { value: 1, low: 1, high: 1 },
    tokens: { value: 1, low: 1, high: 1 },
    loss: { value: 1, low: 1, high: 1 },
  },
});
const point = (factor: number, r?: ScaleResult): ScalePoint => ({
  label: `x${factor}`,
  factor,
  gpus: 8 * factor,
  ...(r ? { result: r } : { problem: 'too many ports' }),
});

describe('doublingGain', () => {
  it('is per doubling, whatever the step of the factor', () => {
    expect(doublingGain(point(1, result(1, {})), point(4, result(2.25, {})))).toBeCloseTo(1.5, 12);
  });
});

describe('ceilingOf', () => {
  const base = point(1, result(100, { compute: 8, bubble: 1, expert: 1 }));

  it('stops where a doubling gains too little, and names the part that should have shrunk', () => {
    const half = point(2, result(190, { compute: 4, bubble: 0.6, expert: 0.6 }));
    const stuck = point(4, result(220, { compute: 2, bubble: 2.2, expert: 0.4 }));
    expect(ceilingOf([base, half, stuck], 1.5)).toMatchObject({
      reached: true,
      factor: 2,
      gpus: 16,
      cause: 'pipeline',
    });
    const network = point(4, result(220, { compute: 2, bubble: 0.3, expert: 2.3 }));
    expect(ceilingOf([base, half, network], 1.5)).toMatchObject({ cause: 'network' });
  });

  it('says what takes most where every step still pays', () => {
    const half = point(2, result(190, { compute: 4, bubble: 0.5, expert: 0.9 }));
    expect(ceilingOf([base, half], 1.5)).toMatchObject({ reached: false, factor: 2, cause: 'network' });
  });

  it('is where the next point cannot run, with the reason', () => {
    expect(ceilingOf([base, point(2)], 1.5)).toMatchObject({
      reached: true,
      cause: 'impossible',
      why: 'x2: too many ports',
    });
  });

  it('compares no machines of the same factor', () => {
    expect(ceilingOf([base, point(1, result(90, { compute: 10 }))], 1.5)).toBeNull();
  });
});
