import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inline } from '../base/context.ts';
import { builtin } from '../catalog/catalog.ts';
import type { Reliability } from '../spec/types.ts';
import { analyseRisk } from './analyse.ts';
import { componentRates, totalRate } from './failures.ts';
import { together } from './silent.ts';
import { sparesNeeded } from './spares.ts';
import { ageFactor, thermalFactor } from './stress.ts';
import type { Risk, RiskInput } from './types.ts';

const DAY = 86_400;
const catalog = builtin();
const context = {
  seed: 1,
  catalog,
  parallel: inline,
  clock: () => 0,
  progress: () => {},
  cancelled: () => false,
  solver: () => Promise.reject(new Error('no solver here')),
};
const reliability: Reliability = {
  failures: catalog.find('fleet', 'rsc-1')!,
  checkpoint: { kind: 'blocking', storage: 1e12, interval: 'auto', memory: null },
  detection: 0,
  restart: 300,
  queue: 0,
  spares: null,
  repair: null,
  lemons: null,
  maintenance: null,
  stragglers: null,
  silent: { rate: 'aegis', detectors: ['nan', 'replay'] },
  stress: { thermal: 0, thermalModel: 'arrhenius', powerDrops: 0, age: null },
};
const input: RiskInput = {
  job: {
    gpus: 16_384,
    gpusPerNode: 8,
    links: 16_384,
    leaves: 512,
    stepSeconds: 10,
    runSeconds: 54 * DAY,
    checkpointBytes: 5e12,
  },
  reliability,
  seed: 1,
};
const analyse = (change: Partial<Reliability> = {}, runs = 50): Promise<Risk> =>
  analyseRisk({ ...input, reliability: { ...reliability, ...change } }, context, { runs });

describe('a job of 16,384 GPUs at the rate of RSC-1', () => {
  it('fails every 1.8 h, and the closed form and the simulation agree', async () => {
    const risk = await analyse();
    expect(risk.mttf / 3600).toBeCloseTo(1.803, 3);
    expect(risk.method).toBe('first-order');
    expect(risk.simulation!.ettr / risk.ettr).toBeCloseTo(1, 2);
    expect(risk.days! * risk.ettr).toBeCloseTo(54, 9);
    expect(risk.failures.components.reduce((s, c) => s + c.share, 0)).toBeCloseTo(1, 12);
  });

  it('what is done about failures helps, what makes them worse does not', async () => {
    const { ettr } = (await analyse()).simulation!;
    const simulated = async (change: Partial<Reliability>) => (await analyse(change)).simulation!.ettr;
    const { checkpoint } = reliability;
    expect(await simulated({ checkpoint: { ...checkpoint, kind: 'async' } })).toBeGreaterThan(ettr);
    expect(await simulated({ checkpoint: { ...checkpoint, memory: 60 } })).toBeGreaterThan(ettr);
    expect(await simulated({ restart: 30 })).toBeGreaterThan(ettr);
    expect(await simulated({ lemons: { share: 0.012, failures: 0.7, after: 2 } })).toBeGreaterThan(ettr);
    expect(await simulated({ queue: 600 })).toBeLessThan(ettr);
    expect(await simulated({ spares: 5 })).toBeLessThan(ettr);
    expect(await simulated({ maintenance: { every: DAY, lasts: 1800 } })).toBeLessThan(ettr);
    expect(await simulated({ stragglers: { every: DAY, lasts: 7200, slowdown: 1.5 } })).toBeLessThan(ettr);
    expect(await simulated({ stress: { ...reliability.stress, thermal: 10 } })).toBeLessThan(ettr);
  });

  it('a run that gets nowhere is said to never end, in numbers that can be printed', async () => {
    const risk = await analyseRisk(
      { ...input, job: { ...input.job, gpus: 16_384_000, checkpointBytes: 1e17 } },
      context,
    );
    expect(risk.ettr).toBeGreaterThanOrEqual(0);
    expect(risk.simulation).toBeUndefined();
    expect(risk.days === null || Number.isFinite(risk.days)).toBe(true);
  });

  it('power drops and heat raise failures and silent corruption together', async () => {
    const calm = await analyse();
    const hot = await analyse({ stress: { ...reliability.stress, thermal: 10, powerDrops: 2 / DAY } });
    expect(hot.stress.hardwareFactor).toBeCloseTo(thermalFactor(10, 'arrhenius', catalog), 12);
    expect(hot.stress.powerDropFailuresPerDay).toBeCloseTo(2 * 2048 * 1e-4, 9);
    expect(hot.sdcPerDay / calm.sdcPerDay).toBeCloseTo(hot.stress.hardwareFactor, 9);
    expect(hot.mttf).toBeLessThan(calm.mttf);
  });
});

describe('rates', () => {
  it('grow linearly with the job', () => {
    const fleet = reliability.failures;
    const at = (gpus: number) => totalRate(componentRates(fleet, { gpus, links: 0, leaves: 0 }));
    expect(at(131_072) / at(16_384)).toBeCloseTo(8, 12);
  });

  it('of links and leaves follow the fabric where the fleet counts them apart', () => {
    const hpn = catalog.find('fleet', 'hpn')!;
    const rates = componentRates(hpn, { gpus: 1024, links: 1024, leaves: 16 });
    const month = 365.25 / 12;
    expect(rates.find((r) => r.component === 'link')!.perDay * month).toBeCloseTo(1024 * 0.00057, 12);
    expect(rates.find((r) => r.component === 'switch')!.perDay * month).toBeCloseTo(16 * 0.00051, 12);
  });
});

it('spares: the smallest number that is enough, against the binomial summed by hand', () => {
  const enough = (nodes: number, p: number, s: number): number => {
    let mass = (1 - p) ** nodes;
    let sum = mass;
    for (let k = 0; k < s; k++) {
      mass *= ((nodes - k) / (k + 1)) * (p / (1 - p));
      sum += mass;
    }
    return sum;
  };
  const p = fc.double({ min: 1e-6, max: 0.2, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), p, (nodes, broken) => {
      const s = sparesNeeded(nodes, -Math.log(1 - broken), 1, 0.99);
      expect(enough(nodes, broken, s)).toBeGreaterThanOrEqual(0.99 - 1e-9);
      if (s > 0) expect(enough(nodes, broken, s - 1)).toBeLessThan(0.99 + 1e-9);
    }),
  );
  expect(sparesNeeded(1024, 0, DAY, 0.99)).toBe(0);
});

it('detectors together: independent, the quickest first', () => {
  const slow = { recall: 0.8, delay: 100, overhead: 0.01 };
  const quick = { recall: 0.5, delay: 10, overhead: 0.02 };
  const both = together([slow, quick]);
  expect(both.recall).toBeCloseTo(0.9, 12);
  expect(both.delay).toBeCloseTo((0.5 * 10 + 0.5 * 0.8 * 100) / 0.9, 12);
  expect(both.overhead).toBeCloseTo(0.03, 12);
  expect(together([])).toEqual({ recall: 0, delay: 0, overhead: 0 });
});

it('stress factors: none is 1, heat raises, a whole life averages to 1', () => {
  expect(thermalFactor(0, 'arrhenius', catalog)).toBe(1);
  expect(thermalFactor(10, 'arrhenius', catalog)).toBeCloseTo(1.994, 3);
  expect(thermalFactor(10, 'linear', catalog)).toBeCloseTo(1.2, 12);
  expect(thermalFactor(-60, 'linear', catalog)).toBe(0);
  const year = 365 * DAY;
  expect(ageFactor(0, 5 * year, catalog)).toBeCloseTo(1, 9);
  expect(ageFactor(0, 30 * DAY, catalog)).toBeGreaterThan(ageFactor(2 * year, 30 * DAY, catalog));
  expect(ageFactor(5 * year, 30 * DAY, catalog)).toBeGreaterThan(ageFactor(2 * year, 30 * DAY, catalog));
});
