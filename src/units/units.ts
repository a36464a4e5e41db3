/**
 * The units a quantity may be written in, by dimension, and what one of them is in SI. A unit is
 * `times * 10^exponent`: keeping the power of ten apart lets the parser hand it to the decimal reader, so that
 * 14.8T is exactly 14 800 000 000 000 and 2.35 us is the nearest double to 2.35e-6.
 */
export interface Unit {
  readonly exponent: number;
  readonly times: number;
}

export type UnitDimension =
  | 'count'
  | 'rate'
  | 'bytes'
  | 'time'
  | 'flops'
  | 'power'
  | 'money'
  | 'energy-price'
  | 'energy'
  | 'carbon'
  | 'ratio';

export interface DimensionUnits {
  /** For messages: 'a bandwidth'. */
  readonly title: string;
  /** SI unit of the parsed value. */
  readonly si: string;
  /** Whether a number without a unit is meant as written. */
  readonly bare: boolean;
  /** For messages: a few accepted units. */
  readonly allowed: string;
  readonly units: ReadonlyMap<string, Unit>;
}

const PREFIX: readonly (readonly [string, number])[] = [
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
];
const BINARY: readonly (readonly [string, number])[] = [
  ['Ki', 1],
  ['Mi', 2],
  ['Gi', 3],
  ['Ti', 4],
  ['Pi', 5],
];

/** Decimal prefixes before a base unit, `times` of it in SI; K is taken for k, as people write it. */
function decimal(base: string, times: number): [string, Unit][] {
  const units = PREFIX.map(([p, exponent]): [string, Unit] => [p + base, { exponent, times }]);
  units.push([`K${base}`, { exponent: 3, times }]);
  return units;
}

function binary(base: string): [string, Unit][] {
  return BINARY.map(([p, power]) => {
    let times = 1;
    for (let i = 0; i < power; i++) times *= 1024;
    return [p + base, { exponent: 0, times }];
  });
}

const one = (name: string, exponent: number, times = 1): [string, Unit] => [name, { exponent, times }];

const BIT = 1 / 8;

export const DIMENSIONS: Readonly<Record<UnitDimension, DimensionUnits>> = {
  count: {
    title: 'a number',
    si: '1',
    bare: true,
    allowed: 'a number, with k, M, G (or B) or T for thousands to millions of millions',
    units: new Map([
      one('', 0),
      one('k', 3),
      one('K', 3),
      one('M', 6),
      one('G', 9),
      one('B', 9),
      one('T', 12),
    ]),
  },
  rate: {
    title: 'a bandwidth',
    si: 'B/s',
    bare: false,
    allowed: 'Mb/s, Gb/s, Tb/s (bits) or MB/s, GB/s, TB/s, GiB/s (bytes)',
    units: new Map([
      ...decimal('B/s', 1),
      ...binary('B/s'),
      ...decimal('b/s', BIT),
      ...decimal('bit/s', BIT),
      ...decimal('bps', BIT),
    ]),
  },
  bytes: {
    title: 'a size in bytes',
    si: 'B',
    bare: false,
    allowed: 'B, kB, MB, GB, TB, PB or KiB, MiB, GiB, TiB, PiB',
    units: new Map([...decimal('B', 1), ...binary('B')]),
  },
  time: {
    title: 'a time',
    si: 's',
    bare: false,
    allowed: 'ns, us, ms, s, min, h, d or y (365 d)',
    units: new Map([
      one('ns', -9),
      one('us', -6),
      one('µs', -6),
      one('μs', -6),
      one('ms', -3),
      one('s', 0),
      one('min', 0, 60),
      one('h', 0, 3600),
      one('d', 0, 86_400),
      one('y', 0, 31_536_000),
    ]),
  },
  flops: {
    title: 'a computing rate',
    si: 'FLOP/s',
    bare: false,
    allowed: 'GFLOP/s, TFLOP/s or PFLOP/s',
    units: new Map(decimal('FLOP/s', 1)),
  },
  power: {
    title: 'a power',
    si: 'W',
    bare: false,
    allowed: 'W, kW, MW or GW',
    units: new Map(decimal('W', 1)),
  },
  money: {
    title: 'an amount of money',
    si: 'USD',
    bare: false,
    allowed: 'USD, kUSD or MUSD',
    units: new Map([one('USD', 0), one('kUSD', 3), one('MUSD', 6)]),
  },
  'energy-price': {
    title: 'a price of energy',
    si: 'USD/J',
    bare: false,
    allowed: 'USD/kWh or USD/MWh',
    units: new Map([one('USD/kWh', 0, 1 / 3_600_000), one('USD/MWh', -3, 1 / 3_600_000)]),
  },
  energy: {
    title: 'an energy',
    si: 'J',
    bare: false,
    allowed: 'J, kWh, MWh, GWh or TWh',
    units: new Map([
      one('J', 0),
      one('Wh', 0, 3600),
      one('kWh', 3, 3600),
      one('MWh', 6, 3600),
      one('GWh', 9, 3600),
      one('TWh', 12, 3600),
    ]),
  },
  carbon: {
    title: 'a carbon intensity of electricity',
    si: 'kg/J',
    bare: false,
    allowed: 'kg/kWh, g/kWh or kg/MWh (of CO2 equivalents)',
    units: new Map([
      one('kg/kWh', 0, 1 / 3_600_000),
      one('g/kWh', -3, 1 / 3_600_000),
      one('kg/MWh', -3, 1 / 3_600_000),
    ]),
  },
  ratio: {
    title: 'a ratio',
    si: '1',
    bare: true,
    allowed: 'a number, or a percentage with %',
    units: new Map([one('', 0), one('%', -2)]),
  },
};
