import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Facility } from '../spec/types.ts';
import type { Step } from '../step/types.ts';
import { analyseEconomy, type EconomyInput } from './analyse.ts';
import { annuity } from './cost.ts';
import type { Plant } from './types.ts';

const catalog = builtin();
const RATE = 50e9;

const plant: Plant = {
  gpus: 2048,
  servers: 256,
  leaves: 64,
  upperSwitches: 32,
  cables: 4096,
  leafRate: 64 * 64 * RATE,
  upperRate: 32 * 64 * RATE,
  hostCableRate: 2048 * RATE,
  switchCableRate: 2048 * RATE,
  storageBytes: 20e15,
};

const facility: Facility = {
  economy: 'own',
  pue: 1.3,
  gpuHour: null,
  gpuPrice: null,
  amortisation: null,
  costOfCapital: null,
  utilisation: null,
  staff: null,
  storage: null,
  electricity: null,
  grid: 'world',
  carbon: null,
  cap: null,
  stages: [512, 1024, 2048],
  prices: {},
};

const step = {
  seconds: 10,
  tokensPerDay: 4e11,
  steps: 1000,
  runSeconds: 37 * 86_400,
  gpuHours: 2048 * 37 * 24,
  breakdown: { forward: 2, backward: 3, weightGradient: 1, recompute: 0.5, optimizer: 0.5 },
} as unknown as Step;

const input = (over: Partial<Facility> = {}, more: Partial<EconomyInput> = {}): EconomyInput => ({
  facility: { ...facility, ...over },
  plant,
  node: catalog.find('node', 'hgx-h100')!,
  gpu: catalog.find('gpu', 'h100')!,
  tokens: 14.8e12,
  ...more,
});

const analyse = (over: Partial<Facility> = {}, more: Partial<EconomyInput> = {}) => {
  const result = analyseEconomy(input(over, more), catalog);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
};

const total = (parts: readonly { readonly perDay: number }[]) => parts.reduce((s, p) => s + p.perDay, 0);

describe('money', () => {
  it('rented: GPU hours and nothing else', () => {
    const e = analyse({ economy: 'rent', gpuHour: 2 }, { step, ettr: 0.9 });
    expect(e.capital).toMatchObject({ usd: 0, parts: [] });
    expect(e.operating.parts).toEqual([{ id: 'rent', perDay: 2048 * 24 * 2 }]);
    expect(e.run!.usd).toBeCloseTo((2048 * 37 * 24 * 2) / 0.9, 3);
    expect(e.run!.failureUsd).toBeCloseTo(e.run!.usd * 0.1, 3);
    expect(e.run!.perToken).toBeCloseTo(e.run!.usd / 14.8e12, 12);
    expect(e.sensitivity).toEqual([]);
  });

  it('owned: every part and no rent', () => {
    const e = analyse();
    expect(e.capital.parts.map((p) => p.id)).toEqual([
      'gpus', 'servers', 'switches', 'optics', 'cables', 'spares', 'storage', 'building',
    ]); // biome-ignore format: one line
    expect(e.capital.usd).toBeCloseTo(
      e.capital.parts.reduce((s, p) => s + p.usd, 0),
      3,
    );
    expect(e.operating.parts.map((p) => p.id)).toEqual([
      'amortisation', 'cost-of-capital', 'electricity', 'maintenance', 'staff',
    ]); // biome-ignore format: one line
    expect(e.operating.perDay.usd).toBeCloseTo(total(e.operating.parts), 6);
    expect(e.operating.perGpuHour.usd).toBeCloseTo(e.operating.perDay.usd / (2048 * 24 * 0.85), 9);
  });

  it('what the spec gives replaces the catalog, and is certain', () => {
    const e = analyse({ prices: { gpu: 10_000, server: 80_000, spares: 0 }, amortisation: 4 * 31_536_000 });
    const of = (id: string) => e.capital.parts.find((p) => p.id === id)!;
    expect(of('gpus')).toMatchObject({ usd: 20_480_000, low: 20_480_000, high: 20_480_000 });
    expect(of('gpus').life).toBe(4 * 31_536_000);
    expect(of('servers').usd).toBe(256 * 80_000);
    const whole = analyse({ gpuPrice: 40_000 });
    expect(whole.capital.parts.some((p) => p.id === 'servers')).toBe(false);
    expect(whole.capital.parts[0]!.usd).toBe(2048 * 40_000);
  });

  it('refuses to guess the price of a machine that nobody priced', () => {
    const node = { ...catalog.find('node', 'hgx-h100')!, id: 'mine' };
    const result = analyseEconomy(input({}, { node }), catalog);
    expect(!result.ok && result.issues.map((i) => i.code)).toEqual(['no-price']);
    expect(analyseEconomy(input({ prices: { server: 1 } }, { node }), catalog).ok).toBe(true);
    expect(
      analyseEconomy(input({ economy: 'rent' }, { node, gpu: { ...input().gpu, id: 'x' } }), catalog).ok,
    ).toBe(true);
  });

  it('an annuity pays the loan back', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        fc.integer({ min: 1, max: 30 }),
        (rate, years) => {
          let owed = 1;
          for (let y = 0; y < years; y++) owed = owed * (1 + rate) - annuity(rate, years);
          expect(Math.abs(owed)).toBeLessThan(1e-6);
        },
      ),
    );
    expect(annuity(0, 5)).toBe(0.2);
  });

  it('a range holds the value, and the tornado is widest first', () => {
    const e = analyse({}, { step });
    for (const m of [e.capital, e.operating.perDay, e.run!]) {
      expect(m.low).toBeLessThan(m.usd);
      expect(m.high).toBeGreaterThan(m.usd);
    }
    const widths = e.sensitivity.map((s) => Math.abs(s.usdAtHigh - s.usdAtLow));
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    for (const s of e.sensitivity) {
      expect(Math.min(s.usdAtLow, s.usdAtHigh)).toBeLessThanOrEqual(e.run!.usd);
      expect(Math.max(s.usdAtLow, s.usdAtHigh)).toBeGreaterThanOrEqual(e.run!.usd);
    }
  });

  it('stages add up to the whole', () => {
    const e = analyse({}, { step });
    expect(e.buildOut.reduce((s, b) => s + b.usd, 0)).toBeCloseTo(e.capital.usd, 0);
    const last = e.buildOut.at(-1)!;
    expect([last.totalUsd, last.perDay, last.site, last.tokensPerDay]).toEqual([
      e.capital.usd, e.operating.perDay.usd, e.energy.site, 4e11,
    ]); // biome-ignore format: one line
    // All 32 spines from the start: the first stage has a quarter of the leaves and every spine.
    expect(e.buildOut[0]).toMatchObject({ gpus: 512, switches: 16 + 32, servers: 64 });
  });
});

describe('energy', () => {
  it('a training server draws 76 % of its rating, as measured', () => {
    const { parts } = analyse().energy;
    const watts = (id: string) => parts.find((p) => p.id === id)!.watts;
    expect((watts('gpus') + watts('servers')) / (256 * 10_200)).toBeCloseTo(0.76, 2);
  });

  it('parts add up from the chip to the grid, and PUE is their ratio', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 3, noNaN: true }), fc.boolean(), (pue, timed) => {
        const { energy } = analyse({ pue }, timed ? { step } : {});
        const sum = energy.parts.reduce((w, p) => w + p.watts, 0);
        expect(sum / energy.site).toBeCloseTo(1, 9);
        expect(energy.site / energy.machines).toBeCloseTo(pue, 9);
        expect(energy.idle).toBeLessThan(energy.trough);
        expect(energy.trough).toBeLessThanOrEqual(energy.site);
        expect(energy.site).toBeLessThanOrEqual(energy.peak);
        expect(energy.swing).toBeCloseTo(energy.peak - energy.idle, 6);
      }),
      { numRuns: 20 },
    );
  });

  it('waiting GPUs draw less, a run burns longer when failures interrupt it', () => {
    const all = analyse();
    const some = analyse({}, { step });
    expect(some.energy.computing).toBeCloseTo(0.7, 12);
    expect(some.energy.site).toBeLessThan(all.energy.site);
    const slow = analyse({}, { step, ettr: 0.5 });
    expect(slow.energy.perRun! / some.energy.perRun!).toBeCloseTo(2, 12);
    expect(slow.carbon.perRun! / some.carbon.perRun!).toBeCloseTo(2, 12);
  });

  it('holds the peak against the cap, and takes the carbon of the grid', () => {
    expect(analyse({ cap: 1e6 }).energy.withinCap).toBe(false);
    expect(analyse({ cap: 1e7 }).energy.withinCap).toBe(true);
    const { energy, carbon } = analyse({ grid: 'france' });
    expect(carbon.perDay).toBeCloseTo((energy.perDay / 3.6e6) * 0.056, 6);
    expect(analyse({ grid: 'given', carbon: 1e-7 }).carbon.intensity).toBe(1e-7);
  });
});
