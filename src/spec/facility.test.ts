import { describe, expect, test } from 'vitest';
import { fail } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { readSpec } from './read.ts';

const none = { read: () => fail([]) };

function read(facility: string) {
  const text = `model: deepseek-v3\ncluster: {node: hgx-h800, gpus: 2048}\nfacility: {${facility}}\n`;
  return readSpec(text, 'a.yaml', none, builtin());
}

function accepted(facility: string) {
  const result = read(facility);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value.facility;
}

const codes = (facility: string) =>
  read(facility).issues.map((i) => `${i.severity} ${i.code} ${i.path.join('.')}`);

describe('facility', () => {
  test('rent and the average grid where the spec is silent', () => {
    expect(accepted('')).toMatchObject({
      economy: 'rent',
      pue: 1.3,
      grid: 'world',
      carbon: null,
      stages: [512, 1024, 2048],
    });
  });

  test('quantities in SI', () => {
    const f = accepted(
      'economy: own, electricity: 90 USD/MWh, carbon: 360 g/kWh, cap: 3 MW, amortisation: 4 y, storage: 20 PB, ' +
        'prices: {gpu: 25 kUSD, building: 12 MUSD, spares: 2 %}',
    );
    expect(f.electricity! * 3.6e6).toBeCloseTo(0.09, 12);
    expect(f.carbon! * 3.6e6).toBeCloseTo(0.36, 12);
    expect(f).toMatchObject({ cap: 3e6, amortisation: 4 * 31_536_000, storage: 20e15, grid: 'given' });
    expect(f.prices).toMatchObject({ gpu: 25_000, building: 12e6, spares: 0.02 });
  });

  test('what the other economy would count is named, never counted', () => {
    expect(codes('economy: rent, gpuPrice: 30 kUSD, electricity: 0.1 USD/kWh')).toEqual([
      'warning no-effect facility.gpuPrice',
      'warning no-effect facility.electricity',
    ]);
    expect(codes('economy: own, gpuHour: 2 USD')).toEqual(['warning no-effect facility.gpuHour']);
    expect(codes('economy: own, gpuPrice: 30 kUSD, prices: {server: 1 USD}')).toEqual([
      'error conflict facility.prices.server',
    ]);
  });

  test('grids and stages are checked', () => {
    expect(read('grid: frnace').issues[0]).toMatchObject({ code: 'unknown-name', nearest: 'france' });
    expect(codes('stages: [512, 2048]')).toEqual([]);
    expect(codes('stages: [100, 2048]')).toEqual(['error indivisible facility.stages.0']);
    expect(codes('stages: [512, 1024]')).toEqual(['error out-of-range facility.stages']);
    expect(codes('stages: [1024, 512]')).toEqual(['error out-of-order facility.stages']);
    expect(codes('utilisation: 0')).toEqual(['error out-of-range facility.utilisation']);
    expect(codes('electricity: 0.1')).toEqual(['error missing-unit facility.electricity']);
  });
});
