import type { Issue } from '../base/issue.ts';
import { issue } from '../base/issue.ts';
import { formatPath } from '../units/format.ts';
import { nearest } from '../units/nearest.ts';
import type { Parsed } from '../units/parse.ts';
import { parseQuantity } from '../units/parse.ts';
import type { UnitDimension } from '../units/units.ts';
import { short } from './document.ts';
import { refuse } from './fields.ts';
import type { Expectation } from './types.ts';

/** Sections of a plan, in its order. */
const SECTIONS = [
  'version',
  'spec',
  'assumptions',
  'workload',
  'traffic',
  'fabric',
  'profile',
  'routing',
  'step',
  'risk',
  'economy',
  'checks',
  'search',
  'advice',
  'scaling',
];

const FORM = /^([A-Za-z][\w.[\]-]*)\s*(<=|>=|==|<|>)\s*(\S.*)$/u;
const ALLOWED = 'path op number-with-unit, op one of <= >= < > ==';

/** `path op number-with-unit` as an expectation in SI; true and false are 1 and 0. */
export function parseExpectation(text: string): Parsed<Expectation> {
  const match = text.length <= 300 ? FORM.exec(text.trim()) : null;
  if (match === null)
    return refuse('expectation', 'not an expectation', ALLOWED, {
      hint: 'such as routing.ratioToWhole <= 1.02',
    });
  const path = parsePath(match[1]!);
  if (path === undefined)
    return refuse(
      'expectation',
      `'${short(match[1]!)}' is not a path`,
      'keys with dots, places of lists in brackets: a.b[0].c',
    );
  const section = String(path[0]);
  if (!SECTIONS.includes(section)) {
    const near = nearest(section, SECTIONS);
    return refuse(
      'unknown-name',
      `a plan has no section '${short(section)}'`,
      SECTIONS.join(', '),
      near === undefined ? {} : { nearest: near },
    );
  }
  const value = parseValue(match[3]!);
  if (!value.ok) return value;
  return {
    ok: true,
    value: { text: text.trim(), path, op: match[2] as Expectation['op'], value: value.value },
  };
}

/** 'profile.hotLinks[0].utilisation' → ['profile', 'hotLinks', 0, 'utilisation']. */
function parsePath(text: string): (string | number)[] | undefined {
  if (!/^[A-Za-z][\w-]*(\[\d{1,9}\])*(\.[A-Za-z0-9][\w-]*(\[\d{1,9}\])*)*$/u.test(text)) return undefined;
  return [...text.matchAll(/\[(\d+)\]|[\w-]+/gu)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
}

const DIMENSIONS: readonly UnitDimension[] = [
  'ratio',
  'time',
  'rate',
  'bytes',
  'flops',
  'power',
  'money',
  'energy-price',
  'energy',
  'carbon',
  'count',
];

/** A number in any unit: the first dimension that knows it. A lone B could be bytes or billions, and is refused. */
function parseValue(text: string): Parsed<number> {
  if (text === 'true' || text === 'false') return { ok: true, value: text === 'true' ? 1 : 0 };
  if (/^[-+\d._eE]+\s*B$/u.test(text)) {
    return refuse('wrong-unit', 'B alone may be bytes or billions', ALLOWED, {
      hint: 'write G for billions, kB, MB or GB for bytes',
    });
  }
  for (const dimension of DIMENSIONS) {
    const parsed = parseQuantity(text, dimension);
    if (parsed.ok) return parsed;
  }
  return refuse('wrong-unit', `'${short(text)}' is not a number with a unit`, ALLOWED);
}

/** Sections that have a command of their own. */
const MADE_BY: Readonly<Record<string, string>> = { search: 'search', advice: 'advise', scaling: 'scale' };

/** Those about a section that a command of its own makes, and those about the plan. */
export function splitExpectations(
  expect: readonly Expectation[],
  section: 'search' | 'advice' | 'scaling',
): { readonly own: readonly Expectation[]; readonly plan: readonly Expectation[] } {
  const isOwn = (e: Expectation): boolean => e.path[0] === section;
  return { own: expect.filter(isOwn), plan: expect.filter((e) => !isOwn(e)) };
}

export interface Outcome {
  readonly ok: boolean;
  readonly actual: number;
}

/**
 * Compares an expectation with a plan. Booleans count as 1 and 0; == allows the last digit of twelve to differ. A
 * path that leads to nothing, or to no number, is an Issue: the expectation cannot be judged.
 */
export function evaluateExpectation(plan: unknown, e: Expectation, file?: string): Outcome | Issue {
  let node: unknown = plan;
  for (let i = 0; i < e.path.length; i++) {
    const part = e.path[i]!;
    if (node === null || typeof node !== 'object' || !Object.hasOwn(node, part))
      return absent(e, i, node, file);
    node = (node as Record<string | number, unknown>)[part];
  }
  const actual = typeof node === 'boolean' ? Number(node) : node;
  if (typeof actual !== 'number' || Number.isNaN(actual)) {
    return problem(e, file, {
      code: 'not-a-number',
      message: `${formatPath(e.path)} is ${node === null ? 'null' : `a ${typeof node}`}, not a number`,
    });
  }
  return { ok: compare(actual, e), actual };
}

/** The plan is printed with twelve significant digits. */
const LAST_DIGIT = 1e-11; // literal: precision of the serialiser

function compare(actual: number, { op, value }: Expectation): boolean {
  switch (op) {
    case '<=':
      return actual <= value;
    case '>=':
      return actual >= value;
    case '<':
      return actual < value;
    case '>':
      return actual > value;
    case '==':
      return Math.abs(actual - value) <= LAST_DIGIT * Math.max(1, Math.abs(value));
  }
}

function absent(e: Expectation, depth: number, node: unknown, file: string | undefined): Issue {
  const part = e.path[depth]!;
  const keys = node !== null && typeof node === 'object' && !Array.isArray(node) ? Object.keys(node) : [];
  const near = nearest(String(part), keys);
  const command = MADE_BY[String(part)];
  const where = depth === 0 ? 'the plan' : formatPath(e.path.slice(0, depth));
  return problem(e, file, {
    code: 'absent',
    message: `${where} has no '${part}' to expect something of`,
    ...(keys.length > 0 ? { allowed: keys.slice(0, 40).join(', ') } : {}),
    ...(near === undefined ? {} : { nearest: near }),
    ...(depth === 0 && command !== undefined ? { hint: `planewright ${command} makes and judges it` } : {}),
  });
}

function problem(
  e: Expectation,
  file: string | undefined,
  more: { code: string; message: string; allowed?: string; nearest?: string; hint?: string },
): Issue {
  return issue({
    path: ['expect'],
    found: e.text,
    ...(file === undefined ? {} : { file }),
    ...(e.line === undefined ? {} : { line: e.line }),
    ...(e.column === undefined ? {} : { column: e.column }),
    ...more,
  });
}
