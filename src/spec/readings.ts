import type { Parsed } from '../units/parse.ts';
import { parsePorts, parseQuantity } from '../units/parse.ts';
import { oneOf, parseInteger, parseNumbers, refuse } from './fields.ts';
import type { Dimension, ExpertPopularity } from './types.ts';

/** How the fields of a spec that are more than one number or name are read. */

export const DIMENSIONS: readonly Dimension[] = ['tensor', 'context', 'data', 'pipeline'];
/** More entries than any job has; bounds the work on a wrong file. */
const LONGEST_LIST = 1_000_000;

/** The same reading, with `auto` besides. */
export function auto<T>(read: (raw: unknown) => Parsed<T>): (raw: unknown) => Parsed<T | 'auto'> {
  return (raw) => {
    if (raw === 'auto') return { ok: true, value: 'auto' };
    const parsed = read(raw);
    return parsed.ok
      ? parsed
      : { ok: false, problem: { ...parsed.problem, allowed: `auto, or ${parsed.problem.allowed}` } };
  };
}

/** A permutation of the four dimensions. */
export function parseOrder(raw: unknown): Parsed<readonly Dimension[]> {
  const allowed = `each of ${DIMENSIONS.join(', ')} once, the fastest varying first`;
  if (!Array.isArray(raw)) return refuse('wrong-type', 'expected a list', allowed);
  for (const name of raw) {
    const parsed = oneOf(name, DIMENSIONS);
    if (!parsed.ok) return parsed;
  }
  const complete = raw.length === DIMENSIONS.length && new Set(raw).size === raw.length;
  return complete
    ? { ok: true, value: raw as Dimension[] }
    : refuse('incomplete', 'a dimension is missing or named twice', allowed);
}

/** uniform, zipf(s) with weights 1 / rank^s, or the weights themselves. */
export function parseExperts(raw: unknown): Parsed<ExpertPopularity> {
  const allowed = 'uniform, zipf(exponent) such as zipf(1.1), or a list of weights';
  if (raw === 'uniform') return { ok: true, value: { kind: 'uniform' } };
  if (Array.isArray(raw)) {
    const weights = parseNumbers(raw, LONGEST_LIST, (x) => parseQuantity(x, 'ratio'));
    if (!weights.ok) return { ok: false, problem: { ...weights.problem, allowed } };
    const usable = weights.value.every((w) => w >= 0) && weights.value.some((w) => w > 0);
    if (!usable) return refuse('out-of-range', 'weights must not be negative, and not all zero', allowed);
    return { ok: true, value: { kind: 'list', weights: weights.value } };
  }
  const zipf = typeof raw === 'string' ? /^zipf\(\s*([\d.]{1,20})\s*\)$/u.exec(raw.trim()) : null;
  const exponent = zipf === null ? Number.NaN : Number(zipf[1]);
  if (!Number.isFinite(exponent)) return refuse('unknown-name', 'not a popularity of experts', allowed);
  if (exponent > 10) return refuse('out-of-range', 'the exponent is too large', 'an exponent from 0 to 10');
  return { ok: true, value: { kind: 'zipf', exponent } };
}

/** Nodes a token, null for no limit. */
export function parseNodeLimit(raw: unknown): Parsed<number | null> {
  if (raw === 'none') return { ok: true, value: null };
  const parsed = parseInteger(raw);
  return parsed.ok
    ? parsed
    : { ok: false, problem: { ...parsed.problem, allowed: `none, or ${parsed.problem.allowed}` } };
}

/** 2, '2:1' or '7:1'; below 1 the uplinks are more than the hosts. */
function parseRatio(raw: unknown): Parsed<number> {
  const allowed = 'a ratio such as 1, 2 or 7:1, from 0.1 to 100';
  const pair =
    typeof raw === 'string'
      ? /^(\d{1,6}(?:\.\d{1,6})?)\s*:\s*(\d{1,6}(?:\.\d{1,6})?)$/u.exec(raw.trim())
      : null;
  const parsed =
    pair === null
      ? parseQuantity(raw, 'ratio')
      : { ok: true as const, value: Number(pair[1]) / Number(pair[2]) };
  if (!parsed.ok) return { ok: false, problem: { ...parsed.problem, allowed } };
  const fits = parsed.value >= 0.1 && parsed.value <= 100;
  return fits ? parsed : refuse('out-of-range', 'out of range', allowed);
}

export interface Oversubscription {
  readonly leaf: number;
  readonly spine: number;
}

/** A number is the leaf's; the spine of a pod then has none. */
export function parseOversubscription(raw: unknown): Parsed<Oversubscription> {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    const leaf = parseRatio(raw);
    return leaf.ok ? { ok: true, value: { leaf: leaf.value, spine: 1 } } : leaf;
  }
  const given = raw as Record<string, unknown>;
  const allowed = 'a ratio, or {leaf: ratio, spine: ratio}';
  const strange = Object.keys(given).find((k) => k !== 'leaf' && k !== 'spine');
  if (strange !== undefined) return refuse('unknown-key', `unknown key '${strange.slice(0, 40)}'`, allowed);
  const leaf = parseRatio(given['leaf'] ?? 1);
  const spine = parseRatio(given['spine'] ?? 1);
  if (!leaf.ok) return leaf;
  return spine.ok ? { ok: true, value: { leaf: leaf.value, spine: spine.value } } : spine;
}

/** A catalog name as written, or the ports and rate of a switch. */
export type SwitchGiven = string | { readonly ports: number; readonly portRate: number };

export function parseSwitch(raw: unknown): Parsed<SwitchGiven> {
  const allowed = 'ports x rate such as 64x400G, or a switch of the catalog';
  if (typeof raw !== 'string' || raw.trim() === '') return refuse('wrong-type', 'expected a switch', allowed);
  return /^\d+\s*[x×]/u.test(raw.trim()) ? parsePorts(raw) : { ok: true, value: raw.trim().slice(0, 200) };
}

/** The GPU of each rank. */
export function parseRanks(raw: unknown): Parsed<readonly number[]> {
  return parseNumbers(raw, LONGEST_LIST, (x) => parseInteger(x, { min: 0 }));
}

/** The name of a file, or the names themselves. */
export function parseNames(raw: unknown): Parsed<string | readonly string[]> {
  if (typeof raw === 'string' && raw.trim() !== '') return { ok: true, value: raw };
  const fits = Array.isArray(raw) && raw.length > 0 && raw.every((x) => typeof x === 'string');
  if (fits) return { ok: true, value: raw as string[] };
  return refuse('wrong-type', 'expected a file or a list of names', 'a file name, or a list of host names');
}

export function parseRankMap(raw: unknown): Parsed<string | readonly number[]> {
  return typeof raw === 'string' && raw.trim() !== '' ? { ok: true, value: raw } : parseRanks(raw);
}

export function parsePlacement(raw: unknown): Parsed<'auto' | 'linear' | readonly number[]> {
  if (Array.isArray(raw)) return parseRanks(raw);
  const named = oneOf(raw, ['auto', 'linear'] as const);
  if (named.ok) return named;
  return {
    ok: false,
    problem: { ...named.problem, allowed: 'auto, linear, or a list with the GPU of each rank' },
  };
}

/** GPUs after each stage of a build-out: a rising list. */
export function parseBuildStages(raw: unknown): Parsed<readonly number[]> {
  const list = parseNumbers(raw, 100, (x) => parseInteger(x, { max: 10_000_000 }));
  if (!list.ok) return list;
  const falls = list.value.findIndex((g, i) => i > 0 && g <= list.value[i - 1]!);
  return falls < 0
    ? list
    : refuse('out-of-order', `item ${falls} is not above the one before it`, 'a rising list of GPUs');
}
/** A time above zero. */
export function positiveTime(raw: unknown): Parsed<number> {
  const parsed = parseQuantity(raw, 'time', 'min');
  if (!parsed.ok || parsed.value > 0) return parsed;
  return refuse('out-of-range', 'must be above zero', 'a time above 0, such as 30 min');
}

/** Nodes, auto, or null for none. */
export function parseSpares(raw: unknown): Parsed<number | 'auto' | null> {
  if (raw === 'none') return { ok: true, value: null };
  if (raw === 'auto') return { ok: true, value: 'auto' };
  const parsed = parseInteger(raw, { min: 0, max: 1_000_000 });
  return parsed.ok
    ? parsed
    : { ok: false, problem: { ...parsed.problem, allowed: `auto, none, or ${parsed.problem.allowed}` } };
}

/** Degrees that something is warmer (or cooler): '+10C', '-5 K'. */
export function parseThermal(raw: unknown): Parsed<number> {
  const allowed = 'degrees more or less, such as +10C or -5C, from -60 to 60';
  const match =
    typeof raw === 'string' ? /^([+-]?\d{1,3}(?:\.\d{1,6})?)\s*(?:°?C|K)$/u.exec(raw.trim()) : null;
  if (match === null) return refuse('not-a-number', 'not a difference of temperatures', allowed);
  const value = Number(match[1]);
  return Math.abs(value) <= 60 ? { ok: true, value } : refuse('out-of-range', 'out of range', allowed);
}

/** Events a second from '2/day', '1 / week', '0.5/h'. */
export function parseFrequency(raw: unknown): Parsed<number> {
  const allowed = 'a number per h, day, week, month or year, such as 2/day';
  const match =
    typeof raw === 'string' ? /^(\d{1,6}(?:\.\d{1,6})?)\s*\/\s*([a-z]+)$/u.exec(raw.trim()) : null;
  if (match === null) return refuse('not-a-number', 'not a frequency', allowed);
  const period = PERIODS[match[2]!];
  if (period === undefined) return refuse('wrong-unit', `'${match[2]}' is not a period`, allowed);
  return { ok: true, value: Number(match[1]) / period };
}

const DAY = 86_400;
const PERIODS: Readonly<Record<string, number>> = {
  h: 3600,
  hour: 3600,
  d: DAY,
  day: DAY,
  week: 7 * DAY,
  month: (365.25 / 12) * DAY,
  y: 365 * DAY,
  year: 365 * DAY,
};
