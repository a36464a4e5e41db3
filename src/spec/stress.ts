import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { nearest } from '../units/nearest.ts';
import type { Parsed } from '../units/parse.ts';
import { parseQuantity } from '../units/parse.ts';
import { oneOf } from './fields.ts';
import { parseFrequency, parseThermal } from './readings.ts';
import type { Stress } from './types.ts';

const KEYS = ['thermal', 'model', 'power-drops', 'age'] as const;
const MODELS: readonly Stress['thermalModel'][] = ['arrhenius', 'linear'];
const ALLOWED = 'thermal=+10C, model=arrhenius|linear, power-drops=2/day, age=3y, joined by commas';

/** Stress as the command line writes it, 'thermal=+10C,power-drops=2/day', on top of what the spec says. All faults at once. */
export function parseStress(text: string, given: Stress): Result<Stress> {
  const issues: Issue[] = [];
  let stress = given;
  for (const part of text.slice(0, 1000).split(',')) {
    const [key = '', value = ''] = part.split('=', 2).map((x) => x.trim());
    const known = KEYS.find((k) => k === key);
    if (known === undefined) {
      const near = nearest(key, KEYS);
      const more = near === undefined ? {} : { nearest: near };
      const message = `there is no stress '${key.slice(0, 40)}'`;
      issues.push(issue({ code: 'unknown-name', message, allowed: ALLOWED, ...more }));
      continue;
    }
    const read = readStress(known, value);
    if (read.ok) stress = { ...stress, ...read.value };
    else issues.push(issue({ ...read.problem, message: `${known}: ${read.problem.message}` }));
  }
  return issues.length > 0 ? fail(issues) : ok(stress);
}

function readStress(key: (typeof KEYS)[number], value: string): Parsed<Partial<Stress>> {
  switch (key) {
    case 'thermal':
      return wrap(parseThermal(value), (thermal) => ({ thermal }));
    case 'model':
      return wrap(oneOf(value, MODELS), (thermalModel) => ({ thermalModel }));
    case 'power-drops':
      return wrap(parseFrequency(value), (powerDrops) => ({ powerDrops }));
    default:
      return wrap(parseQuantity(value, 'time', 'y'), (age) => ({ age: Math.max(0, age) }));
  }
}

function wrap<A, B>(parsed: Parsed<A>, make: (value: A) => B): Parsed<B> {
  return parsed.ok ? { ok: true, value: make(parsed.value) } : parsed;
}
