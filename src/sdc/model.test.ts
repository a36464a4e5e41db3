import { expect, it } from 'vitest';
import { stream } from '../numeric/random.ts';
import { Kernel } from './kernel.ts';
import { Decoder } from './model.ts';

const model = { vocabulary: 5, width: 4, heads: 2, layers: 2, hidden: 6, sequence: 4 };
const batch = 2;

it('the gradient by hand is the numerical one, weight by weight', () => {
  const decoder = new Decoder(model, batch, (n) => new Float64Array(n));
  const kernel = new Kernel();
  const r = stream(1, 'gradient test');
  const w = Float64Array.from({ length: decoder.layout.total }, () => r.uniform() * 2 - 1);
  const tokens = () => Int32Array.from({ length: batch * model.sequence }, () => r.below(model.vocabulary));
  const inputs = tokens();
  const targets = tokens();
  const g = new Float64Array(w.length);
  decoder.gradient(w, inputs, targets, g, 1, kernel);
  const lossAt = (i: number, x: number) => {
    const moved = Float64Array.from(w);
    moved[i] = x;
    return decoder.gradient(moved, inputs, targets, new Float64Array(w.length), 1, kernel);
  };
  const step = 1e-5;
  let nonZero = 0;
  for (let i = 0; i < w.length; i++) {
    const numerical = (lossAt(i, w[i]! + step) - lossAt(i, w[i]! - step)) / (2 * step);
    expect(Math.abs(g[i]! - numerical)).toBeLessThan(1e-6 + 1e-5 * Math.abs(numerical));
    if (Math.abs(numerical) > 1e-9) nonZero++;
  }
  // Almost all weights matter here: the check is not one of zeros.
  expect(nonZero / w.length).toBeGreaterThan(0.8);
});

it('a product holds its checksum, and a wrong one does not', () => {
  const kernel = new Kernel();
  kernel.check = true;
  const r = stream(2, 'checksum test');
  const site = { layer: 0, forward: true };
  for (let i = 0; i < 200; i++) {
    const [m, n, k] = [1 + r.below(9), 1 + r.below(9), 1 + r.below(9)];
    const scale = [1e-6, 1, 1e6][r.below(3)]!;
    const fill = (length: number) => Float32Array.from({ length }, () => (r.uniform() - 0.5) * scale);
    const a = fill(m * k);
    const b = fill(k * n);
    const c = new Float32Array(m * n);
    kernel.strike = null;
    kernel.mismatches = 0;
    kernel.multiply(c, a, b, m, n, k, site);
    kernel.multiply(c, a, b, m, n, k, site, m === k, n === k);
    expect(kernel.mismatches).toBe(0);
    kernel.strike = (out) => {
      out[0] = out[0]! * 1.01 + scale;
    };
    kernel.multiply(c, a, b, m, n, k, site);
    expect(kernel.mismatches).toBe(1);
  }
});
