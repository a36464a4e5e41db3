import { z } from 'zod';
import { nearest } from '../units/nearest.ts';
import type { Parsed, Problem } from '../units/parse.ts';
import { parseQuantity } from '../units/parse.ts';
import type { UnitDimension } from '../units/units.ts';
import { DIMENSIONS } from '../units/units.ts';

/**
 * The scalar fields of a spec. Each is a zod type that reads what was written (units, `auto`, names) and answers
 * with a Problem that already says what is allowed; zod keeps the structure and the JSON Schema.
 */
export function field<T>(
  json: Record<string, unknown>,
  description: string,
  parse: (raw: unknown) => Parsed<T>,
) {
  return z
    .unknown()
    .transform((raw, context): T => {
      const parsed = parse(raw);
      if (parsed.ok) return parsed.value;
      context.addIssue({
        code: 'custom',
        message: parsed.problem.message,
        params: { problem: parsed.problem },
      });
      return z.NEVER;
    })
    .meta({ description, ...json });
}

export function refuse(
  code: string,
  message: string,
  allowed: string,
  more: Partial<Problem> = {},
): Parsed<never> {
  return { ok: false, problem: { code, message, allowed, ...more } };
}

interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The minimum itself is refused. */
  readonly above?: boolean;
}

function inRange(
  value: number,
  { min = 0, max = Infinity, above = false }: Range,
  allowed: string,
): Parsed<number> {
  if (value < min || (above && value === min) || value > max) {
    return refuse(
      'out-of-range',
      value === 0 ? 'must not be zero' : value < 0 ? 'must not be negative' : 'out of range',
      allowed,
    );
  }
  return { ok: true, value };
}

/** A whole number of things; k, M, G, B and T are read as thousands to millions of millions. */
export function parseInteger(raw: unknown, range: Range = {}): Parsed<number> {
  const { min = 1, max = Number.MAX_SAFE_INTEGER } = range;
  const allowed =
    max === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${min}`
      : `a whole number from ${min} to ${max}`;
  const parsed = parseQuantity(raw, 'count');
  if (!parsed.ok) return { ok: false, problem: { ...parsed.problem, allowed } };
  if (!Number.isInteger(parsed.value)) return refuse('not-an-integer', 'must be a whole number', allowed);
  return inRange(parsed.value, { min, max }, allowed);
}

export function integer(description: string, range: Range = {}) {
  const { min = 1, max } = range;
  const json = { type: ['integer', 'string'], minimum: min, ...(max === undefined ? {} : { maximum: max }) };
  return field(json, description, (raw) => parseInteger(raw, range));
}

/** A quantity with its unit; `typical` is the unit offered when none was written. */
export function quantity(
  dimension: UnitDimension,
  description: string,
  typical?: string,
  range: Range = { above: true },
) {
  const { bare, allowed } = DIMENSIONS[dimension];
  const json = { type: bare ? ['number', 'string'] : 'string' };
  const about = bare ? description : `${description} Number and unit: ${allowed}.`;
  return field(json, about, (raw) => {
    const parsed = parseQuantity(raw, dimension, typical);
    if (!parsed.ok) return parsed;
    const { min = 0, max, above = false } = range;
    const limits = `${above ? 'above' : 'at least'} ${min}${max === undefined ? '' : `, at most ${max}`}`;
    return inRange(
      parsed.value,
      range,
      dimension === 'ratio' || dimension === 'count' ? limits : `${allowed}; ${limits}`,
    );
  });
}

export function text(description: string) {
  return field({ type: 'string' }, description, (raw): Parsed<string> => {
    if (typeof raw === 'number') return { ok: true, value: String(raw) };
    const fits = typeof raw === 'string' && raw.trim() !== '' && raw.length <= 200;
    return fits
      ? { ok: true, value: raw }
      : refuse('wrong-type', 'expected a text', 'a text of 1 to 200 characters');
  });
}

export function flag(description: string) {
  return field(
    { type: 'boolean' },
    description,
    (raw): Parsed<boolean> =>
      typeof raw === 'boolean'
        ? { ok: true, value: raw }
        : refuse('wrong-type', 'expected true or false', 'true, false'),
  );
}

/** One of a few names; a wrong one is answered with the nearest. */
export function choice<const T extends string>(description: string, names: readonly T[]) {
  return field({ enum: names }, description, (raw) => oneOf(raw, names));
}

export function oneOf<T extends string>(raw: unknown, names: readonly T[]): Parsed<T> {
  const found = names.find((n) => n === raw);
  if (found !== undefined) return { ok: true, value: found };
  const near = typeof raw === 'string' ? nearest(raw, names) : undefined;
  const message = typeof raw === 'string' ? 'not one of the names allowed here' : 'expected a name';
  return refuse('unknown-name', message, names.join(', '), near === undefined ? {} : { nearest: near });
}

/** A list of numbers, at most `most` of them; the problem names the first bad item. */
export function parseNumbers(
  raw: unknown,
  most: number,
  item: (x: unknown) => Parsed<number>,
): Parsed<number[]> {
  if (!Array.isArray(raw) || raw.length === 0)
    return refuse('wrong-type', 'expected a list of numbers', 'a list of numbers');
  if (raw.length > most)
    return refuse('too-long', `the list has ${raw.length} items`, `at most ${most} items`);
  const values: number[] = [];
  for (let i = 0; i < raw.length; i++) {
    const parsed = item(raw[i]);
    if (!parsed.ok)
      return { ok: false, problem: { ...parsed.problem, message: `item ${i}: ${parsed.problem.message}` } };
    values.push(parsed.value);
  }
  return { ok: true, value: values };
}
