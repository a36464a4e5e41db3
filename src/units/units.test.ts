import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatLineRate,
  formatMoney,
  formatPercent,
  formatRate,
  formatSeconds,
} from './format.ts';
import { nearest } from './nearest.ts';
import { parsePorts, parseQuantity } from './parse.ts';
import type { UnitDimension } from './units.ts';

describe('parseQuantity', () => {
  test.each<[string | number, UnitDimension, number]>([
    ['14.8T', 'count', 14_800_000_000_000],
    ['671B', 'count', 671e9],
    ['4_096', 'count', 4096],
    [1e3, 'count', 1000],
    ['400 Gb/s', 'rate', 5e10],
    ['400Gbps', 'rate', 5e10],
    ['44.5GB/s', 'rate', 4.45e10],
    ['2 TB/s', 'rate', 2e12],
    ['16 GiB', 'bytes', 17_179_869_184],
    ['80 GB', 'bytes', 8e10],
    ['2.35 us', 'time', 2.35e-6],
    ['2.35µs', 'time', 2.35e-6],
    ['5 min', 'time', 300],
    ['1.5 h', 'time', 5400],
    ['989 TFLOP/s', 'flops', 9.89e14],
    ['700 W', 'power', 700],
    ['2 USD', 'money', 2],
    ['12 %', 'ratio', 0.12],
    [0.5, 'ratio', 0.5],
    ['1e-3 s', 'time', 1e-3],
  ])('%s as %s', (text, dimension, value) => {
    expect(parseQuantity(text, dimension)).toEqual({ ok: true, value });
  });

  test('a bare number where a unit is needed says what may have been meant', () => {
    expect(parseQuantity(400, 'rate')).toMatchObject({
      problem: { code: 'missing-unit', hint: 'did you mean 400 Gb/s?' },
    });
    expect(parseQuantity('2', 'rate', 'TB/s')).toMatchObject({ problem: { hint: 'did you mean 2 TB/s?' } });
    expect(parseQuantity('400G', 'rate')).toMatchObject({ problem: { code: 'wrong-unit' } });
  });

  test('a wrong unit names the nearest one', () => {
    expect(parseQuantity('400 gb/s', 'rate')).toMatchObject({
      problem: { nearest: 'Gb/s', hint: expect.stringContaining('case') },
    });
    expect(parseQuantity('5 mins', 'time')).toMatchObject({ problem: { nearest: 'min' } });
  });

  test.each([[Number.NaN], [Infinity], ['1e999'], [''], ['x'], [null], [[]], ['1,000'], ['9'.repeat(1000)]])(
    'refused: %j',
    (bad) => {
      expect(parseQuantity(bad, 'count').ok).toBe(false);
    },
  );
});

test('port specs', () => {
  expect(parsePorts('64x400G')).toEqual({ ok: true, value: { ports: 64, portRate: 5e10 } });
  expect(parsePorts('128 x 800 Gb/s')).toEqual({ ok: true, value: { ports: 128, portRate: 1e11 } });
  expect(parsePorts('64x400')).toMatchObject({ problem: { hint: 'did you mean 64x400G?' } });
  expect(parsePorts('0x400G').ok).toBe(false);
  expect(parsePorts('64x0G').ok).toBe(false);
});

test('formatting', () => {
  expect(formatBytes(7392)).toBe('7.39 kB');
  expect(formatBytes(999_999)).toBe('1 MB');
  expect(formatBytes(12)).toBe('12 B');
  expect(formatRate(4.45e10)).toBe('44.5 GB/s');
  expect(formatLineRate(5e10)).toBe('400 Gb/s');
  expect(formatSeconds(120.96e-6, 5)).toBe('120.96 us');
  expect(formatSeconds(0.01476)).toBe('14.8 ms');
  expect(formatSeconds(300)).toBe('5 min');
  expect(formatSeconds(3 * 86_400)).toBe('3 d');
  expect(formatCount(16_384)).toBe('16,384');
  expect(formatCount(14.8e12)).toBe('14.8T');
  expect(formatCount(3.615)).toBe('3.62');
  expect(formatPercent(0.0213)).toBe('2.13 %');
  expect(formatMoney(71_900_000)).toBe('71.9 MUSD');
  expect(formatMoney(2)).toBe('2 USD');
  expect(formatMoney(0.085)).toBe('0.09 USD');
});

test('nearest name', () => {
  expect(nearest('tensr', ['tensor', 'pipeline'])).toBe('tensor');
  expect(nearest('deepseek', ['llama-3.1-70b', 'deepseek-v3'])).toBe('deepseek-v3');
  expect(nearest('banana', ['tensor', 'pipeline'])).toBeUndefined();
});
