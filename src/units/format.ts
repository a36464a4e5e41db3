/** SI values for people: the one place that converts. Three significant digits unless a count is exact. */

const STEPS: readonly (readonly [number, string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
];

/** `digits` significant digits, trailing zeros of a fraction dropped, thousands kept as digits. */
export function formatNumber(x: number, digits = 3): string {
  if (!Number.isFinite(x)) return String(x);
  if (x === 0) return '0';
  const rounded = Number(x.toPrecision(digits));
  return Math.abs(rounded) >= 1e21 || Math.abs(rounded) < 1e-6 ? rounded.toExponential() : String(rounded);
}

/** Chooses the prefix after rounding, so that 999.9 kB is 1 MB and never 1000 kB. */
function prefixed(x: number, unit: string, digits: number): string {
  if (x === 0) return `0 ${unit}`.trim();
  const rounded = Number(x.toPrecision(digits));
  const [size, prefix] = STEPS.find(([s]) => Math.abs(rounded) >= s) ?? [1, ''];
  const number = formatNumber(rounded / size, digits);
  return unit === '' ? number + prefix : `${number} ${prefix}${unit}`;
}

/** 7392 → '7.39 kB'. Decimal prefixes. */
export function formatBytes(bytes: number, digits = 3): string {
  return prefixed(bytes, 'B', digits);
}

/** Bytes per second as bytes: 4.45e10 → '44.5 GB/s'. */
export function formatRate(bytesPerSecond: number, digits = 3): string {
  return prefixed(bytesPerSecond, 'B/s', digits);
}

/** Bytes per second as the bits of a line: 5e10 → '400 Gb/s'. */
export function formatLineRate(bytesPerSecond: number, digits = 3): string {
  return prefixed(bytesPerSecond * 8, 'b/s', digits);
}

const TIMES: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'us'],
  [1e-9, 'ns'],
];

/** 0.00012096 → '121 us'; above two minutes in min, h, d. */
export function formatSeconds(seconds: number, digits = 3): string {
  if (seconds === 0) return '0 s';
  const size = Math.abs(Number(seconds.toPrecision(digits)));
  // A unit above the second takes over at twice its size: '90 min' and '36 h' read better than '1.5 h', '1.5 d'.
  const [unit, name] = TIMES.find(([u]) => size >= (u > 1 ? 2 * u : u)) ?? [1e-9, 'ns'];
  return `${formatNumber(seconds / unit, digits)} ${name}`;
}

/** Whole numbers below ten million exactly, with thousands separated (16,384); above, 14.8T. */
export function formatCount(count: number, digits = 3): string {
  if (Number.isInteger(count) && Math.abs(count) < 1e7) return group(String(count));
  if (Math.abs(count) < 1e4) return formatNumber(count, digits);
  // Counts of parameters and tokens say B for 10^9, as the field does and as specs read it.
  return prefixed(count, '', digits).replace('G', 'B');
}

/** 0.0213 → '2.13 %'. */
export function formatPercent(ratio: number, digits = 3): string {
  return `${formatNumber(ratio * 100, digits)} %`;
}

/** 71_900_000 → '71.9 MUSD'; below 10,000 in whole dollars, below 100 with cents. */
export function formatMoney(usd: number, digits = 3): string {
  const size = Math.abs(usd);
  if (size >= 1e4) return prefixed(usd, 'USD', digits);
  return `${size >= 100 || Number.isInteger(usd) ? group(usd.toFixed(0)) : usd.toFixed(2)} USD`;
}

/** FLOPs of a token in GFLOP (249.7 GFLOP), of a training run as the field writes them (3.71e24 FLOP). */
export function formatFlop(flop: number): string {
  if (flop < 1e15) return `${formatNumber(flop / 1e9, 4)} GFLOP`;
  return `${flop.toExponential(2).replace('e+', 'e')} FLOP`;
}

/** 7.7e6 → '7.7 MW'. */
export function formatPower(watts: number, digits = 3): string {
  return prefixed(watts, 'W', digits);
}

/** Joules as people buy them: 3.6e9 → '1 MWh'. */
export function formatEnergy(joules: number, digits = 3): string {
  return prefixed(joules / 3600, 'Wh', digits);
}

/** Kilograms, from a tonne up in tonnes: 552000 → '552 t'. */
export function formatMass(kilograms: number, digits = 3): string {
  const tonnes = Number((kilograms / 1000).toPrecision(digits));
  return Math.abs(tonnes) < 1 ? `${formatNumber(kilograms, digits)} kg` : `${formatCount(tonnes)} t`;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/gu, ',');
}

/** ['cluster', 'hosts', 3, 'name'] → 'cluster.hosts[3].name'. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
