import { nearest } from './nearest.ts';
import type { Unit, UnitDimension } from './units.ts';
import { DIMENSIONS } from './units.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** What is wrong with a quantity: the part of an Issue that does not depend on where it stood. */
export interface Problem {
  /** As Issue.code. */
  readonly code: string;
  readonly message: string;
  readonly allowed: string;
  readonly nearest?: string;
  readonly hint?: string;
}

const NUMBER = /^([+-]?(?:\d[\d_]*\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,4}))?\s*(.*)$/su;

/**
 * A quantity written as `number unit` (space or none) in SI. A bare number passes only where the dimension has a
 * meaning for it (counts and ratios); elsewhere the hint offers `typical`, the unit people use for this field.
 */
export function parseQuantity(input: unknown, dimension: UnitDimension, typical?: string): Parsed<number> {
  const d = DIMENSIONS[dimension];
  if (typeof input === 'number') {
    if (!Number.isFinite(input)) return bad('not-finite', `${input} is not a finite number`, d.allowed);
    return d.bare ? { ok: true, value: input } : bare(String(input), dimension, typical);
  }
  if (typeof input !== 'string') return bad('wrong-type', `expected ${d.title}`, d.allowed);
  const text = input.trim();
  const match = text.length <= 200 ? NUMBER.exec(text) : null;
  if (match === null) return bad('not-a-number', `not ${d.title}`, `number and unit: ${d.allowed}`);
  const name = match[3]!;
  const unit = d.units.get(name);
  if (unit === undefined) return name === '' ? bare(text, dimension, typical) : wrong(match, dimension);
  const value = scale(match[1]!, match[2], unit);
  if (!Number.isFinite(value)) return bad('not-finite', 'the number is too large', d.allowed);
  return { ok: true, value };
}

/** Lets the decimal reader apply the power of ten, so that the value is correctly rounded. */
function scale(digits: string, exponent: string | undefined, unit: Unit): number {
  const power = Number(exponent ?? 0) + unit.exponent;
  return Number(`${digits.replaceAll('_', '')}e${power}`) * unit.times;
}

function bare(text: string, dimension: UnitDimension, typical: string | undefined): Parsed<never> {
  const d = DIMENSIONS[dimension];
  const unit = typical ?? DEFAULT_UNIT[dimension];
  return bad('missing-unit', `${d.title} needs a unit`, d.allowed, { hint: `did you mean ${text} ${unit}?` });
}

const DEFAULT_UNIT: Readonly<Record<UnitDimension, string>> = {
  count: '',
  rate: 'Gb/s',
  bytes: 'GB',
  time: 's',
  flops: 'TFLOP/s',
  power: 'W',
  money: 'USD',
  'energy-price': 'USD/kWh',
  energy: 'MWh',
  carbon: 'g/kWh',
  ratio: '%',
};

function wrong(match: RegExpExecArray, dimension: UnitDimension): Parsed<never> {
  const d = DIMENSIONS[dimension];
  const name = match[3]!.slice(0, 24);
  if (name.startsWith(',')) {
    return bad('wrong-unit', 'a number is written without commas', d.allowed, {
      hint: '16,384 is written 16384 or 16_384',
    });
  }
  if (dimension === 'rate' && /^[kMGT]$/u.test(name)) {
    return bad('wrong-unit', `'${name}' alone is not a bandwidth`, d.allowed, {
      hint: `did you mean ${match[1]} ${name}b/s (bits) or ${match[1]} ${name}B/s (bytes)?`,
    });
  }
  const close = nearest(name, d.units.keys());
  const otherCase = close?.toLowerCase() === name.toLowerCase();
  return bad('wrong-unit', `'${name}' is not a unit of ${d.title.replace(/^an? /u, '')}`, d.allowed, {
    ...(close !== undefined && close !== '' ? { nearest: close } : {}),
    ...(otherCase ? { hint: 'case matters: b is bits, B bytes; M mega, m milli' } : {}),
  });
}

function bad(code: string, message: string, allowed: string, more: Partial<Problem> = {}): Parsed<never> {
  return { ok: false, problem: { code, message, allowed, ...more } };
}

export interface PortSpec {
  readonly ports: number;
  /** Bytes/s of one port. */
  readonly portRate: number;
}

/** A switch as people name it: `64x400G` is 64 ports of 400 Gb/s; `64 x 400 Gb/s` says the same. */
export function parsePorts(input: string): Parsed<PortSpec> {
  const allowed = 'ports x rate, such as 64x400G';
  const match = /^(\d{1,6})\s*[x×]\s*([\d.]+)\s*(.*)$/u.exec(input.trim().slice(0, 200));
  if (match === null) return bad('not-a-number', 'not a switch size', allowed);
  const unit = match[3]!;
  if (unit === '')
    return bad('missing-unit', 'the port rate needs a unit', allowed, {
      hint: `did you mean ${match[1]}x${match[2]}G?`,
    });
  const rate = parseQuantity(`${match[2]} ${/^[GTM]$/u.test(unit) ? `${unit}b/s` : unit}`, 'rate');
  if (!rate.ok) return { ok: false, problem: { ...rate.problem, allowed } };
  const ports = Number(match[1]);
  if (ports < 2 || rate.value <= 0)
    return bad('out-of-range', 'a switch has at least 2 ports, each with a rate above 0', allowed);
  return { ok: true, value: { ports, portRate: rate.value } };
}
