import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gammaP, gammaQ, gammaQuantile } from '../numeric/gamma.ts';
import { stream } from '../numeric/random.ts';
import { componentOf } from './causes.ts';
import { fitFaults, fittedFile } from './fit.ts';
import type { Fault, FaultLog } from './types.ts';
import { fitLifetimes, testExponential } from './weibull.ts';

const DAY = 86_400;

/** Faults of `nodes` nodes over `span`, times up Weibull of the given shape, each repaired after a tenth of a day. */
function drawn(nodes: number, span: number, shape: number, scale: number, extra = 0, seed = 5): FaultLog {
  const faults: Fault[] = [];
  for (let n = 0; n < nodes; n++) {
    const random = stream(seed, 'fit', n);
    const often = n < extra ? 20 : 1;
    for (let t = 0; ; ) {
      t += (scale / often) * Math.exp(Math.log(random.exponential()) / shape);
      if (t >= span) break;
      faults.push({ node: `n${n}`, start: t, end: t + DAY / 10, cause: 'GPU lost', level: null });
      t += DAY / 10;
    }
  }
  faults.sort((a, b) => a.start - b.start);
  return { faults, last: faults.at(-1)!.end! };
}
const fitOf = (log: FaultLog, nodes: number, span: number) => {
  const result = fitFaults(log, { name: 'drawn', nodes, span, gpusPerNode: 8 });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
};

describe('a fit to drawn faults', () => {
  it.each([0.6, 1, 2])('finds the shape %d again, and whether the exponential is enough', (shape) => {
    const { lifetimes } = fitOf(drawn(600, 200 * DAY, shape, 50 * DAY), 600, 200 * DAY);
    expect(Math.abs(lifetimes!.shape - shape)).toBeLessThan(4 * lifetimes!.shapeError);
    expect(lifetimes!.scale / (50 * DAY)).toBeCloseTo(1, 1);
    expect(lifetimes!.pValue < 0.01).toBe(shape !== 1);
  });

  it('gives intervals that hold the truth 95 times in 100, and times to repair', () => {
    let held = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { all } = fitOf(drawn(30, 100 * DAY, 1, 40 * DAY, 0, seed), 30, 100 * DAY);
      // A node is up for 40 days and down for a tenth of one.
      if (all.mttfInterval[0] < 40.1 * DAY && all.mttfInterval[1] > 40.1 * DAY) held++;
      expect(all.repair!.mean / DAY).toBeCloseTo(0.1, 6);
    }
    expect(held).toBeGreaterThanOrEqual(88);
  });

  it('names the nodes that fail twenty times as often, and no others', () => {
    const { lemons } = fitOf(drawn(300, 100 * DAY, 1, 100 * DAY, 3), 300, 100 * DAY);
    expect(lemons.map((l) => l.node).sort()).toEqual(['n0', 'n1', 'n2']);
  });

  it('is a fleet that a spec can name', () => {
    const fitted = fitOf(drawn(50, 100 * DAY, 1, 40 * DAY), 50, 100 * DAY);
    const { fleet } = fittedFile(fitted);
    expect(fleet.failuresPerNodeDay * 50 * 100).toBeCloseTo(fitted.faults, 9);
    expect(fleet.counts).toEqual({ gpu: fitted.faults });
    expect(fleet.repair).toMatch(/^\d+(\.\d+)? s$/);
  });

  it('refuses fewer nodes than the log names, and a span that the log goes beyond', () => {
    const log = drawn(50, 100 * DAY, 1, 40 * DAY);
    const result = fitFaults(log, { name: 'x', nodes: 3, span: DAY, gpusPerNode: 8 });
    expect(result.ok).toBe(false);
    expect(result.issues.map((i) => i.code)).toEqual(['out-of-range', 'out-of-range']);
    expect(fitFaults(log, { name: 'x', gpusPerNode: 8 }).issues[0]!.code).toBe('nodes-unknown');
  });
});

describe('statistics', () => {
  it('incomplete gamma: Poisson tails, and its own inverse', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.01, max: 80, noNaN: true }),
        (n, mean) => {
          let mass = Math.exp(-mean);
          let below = mass;
          for (let k = 1; k < n; k++) {
            mass *= mean / k;
            below += mass;
          }
          expect(gammaQ(n, mean)).toBeCloseTo(below, 10);
          expect(gammaP(n, mean) + gammaQ(n, mean)).toBeCloseTo(1, 12);
          expect(gammaP(n, gammaQuantile(n, 0.3))).toBeCloseTo(0.3, 9);
        },
      ),
    );
    // The chance of a chi-square of one degree above 3.8415 is 5 %.
    expect(gammaQ(0.5, 3.841458820694124 / 2)).toBeCloseTo(0.05, 9);
  });

  it('the exponential is refuted when it is wrong, and seldom when it is right', () => {
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const random = stream(3, 'ks', i);
      const times = Float64Array.from({ length: 60 }, () => random.exponential());
      if (testExponential(times).rejected) refused++;
      expect(testExponential(times.map((t) => t * t * t)).rejected).toBe(true);
    }
    expect(refused).toBeLessThan(24);
  });

  it('maximum likelihood: no other shape is likelier', () => {
    const random = stream(9, 'ml', 0);
    const failed = Float64Array.from({ length: 80 }, () => random.exponential());
    const censored = Float64Array.from({ length: 20 }, () => random.uniform());
    const best = fitLifetimes({ failed, censored });
    const logLikelihood = (k: number, s: number) =>
      failed.reduce((sum, t) => sum + Math.log(k / s) + (k - 1) * Math.log(t / s), 0) -
      [...failed, ...censored].reduce((sum, t) => sum + Math.exp(k * Math.log(t / s)), 0);
    const top = logLikelihood(best.shape, best.scale);
    for (const [dk, ds] of [
      [1.02, 1],
      [0.98, 1],
      [1, 1.02],
      [1, 0.98],
    ] as const)
      expect(logLikelihood(best.shape * dk, best.scale * ds)).toBeLessThan(top);
    expect(best.likelihoodRatio).toBeCloseTo(2 * (top - logLikelihood(1, best.mean)), 6);
  });
});

it.each([
  ['GPU DBE(Double Bit ECC) > Threshold', 'hbm'],
  ['NIC Link Speed low', 'nic'],
  ['GPU PCI link width low', 'gpu'],
  ['Parameter Plane Cable: Link Down', 'link'],
  ['Stress Test Failure', 'unknown'],
  ['spine switch rebooted', 'switch'],
  ['NCCL watchdog timeout', 'software'],
  ['planned maintenance', 'maintenance'],
  ['', 'unknown'],
])('the cause "%s" is a failure of %s', (cause, component) => {
  expect(componentOf(cause)).toBe(component);
});
