import { parse } from 'yaml';
import { issue } from '../base/issue.ts';
import type { Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { nearest } from '../units/nearest.ts';
import { specJsonSchema } from './json-schema.ts';
import { PRESETS } from './presets.ts';
import { readSpec } from './read.ts';
import type { DefaultTaken } from './types.ts';

/** Names that initSpec knows: the examples. */
export const presets: readonly string[] = Object.keys(PRESETS);

interface SchemaNode {
  readonly properties?: Record<string, SchemaNode>;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
}

/**
 * A spec to edit, as YAML text: the preset's values, every field explained by the description in the schema, and
 * fields that the preset leaves out as comments with the default they take.
 */
export function initSpec(preset = 'small-32'): Result<string> {
  const text = PRESETS[preset];
  if (text === undefined) {
    const near = nearest(preset, presets);
    const more = near === undefined ? {} : { nearest: near };
    return fail([
      issue({
        code: 'unknown-name',
        message: `there is no preset '${preset.slice(0, 60)}'`,
        allowed: presets.join(', '),
        ...more,
      }),
    ]);
  }
  const files = { read: () => fail([issue({ code: 'cannot-read', message: 'a preset names no file' })]) };
  const spec = readSpec(text, preset, files, builtin());
  const head = text.slice(0, text.indexOf('\nname:')).split('\n');
  return ok(writeSpec(head, parse(text) as Values, spec.ok ? spec.value.defaults : [], new Map()));
}

/**
 * A spec at length: `head` as its first comment, then every field of the schema with its meaning, its value or the
 * default it takes, and beside a value the remark on it.
 */
export function writeSpec(
  head: readonly string[],
  values: Values,
  defaults: readonly DefaultTaken[],
  remarks: ReadonlyMap<string, string>,
): string {
  const taken = new Map(defaults.map((d) => [d.path, d]));
  const explain = [
    '# Quantities carry their unit (400 Gb/s are bits, 50 GB/s bytes); counts may end in k, M, G or T.',
    '# What is left out takes a good default, shown here as a comment.',
  ];
  const lines = section(specJsonSchema() as SchemaNode, values, '', { defaults: taken, remarks });
  return `${[...head, '#', ...explain, ...lines].join('\n')}\n`;
}

type Values = Readonly<Record<string, unknown>>;

interface Notes {
  readonly defaults: ReadonlyMap<string, DefaultTaken>;
  readonly remarks: ReadonlyMap<string, string>;
}

/** The lines of a mapping: for each key of the schema its meaning, then `key: value` or the default as a comment. */
function section(node: SchemaNode, values: Values, path: string, notes: Notes): string[] {
  const indent = '  '.repeat(path === '' ? 0 : path.split('.').length);
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const value = values[key];
    const taken = value === undefined ? notes.defaults.get(at) : undefined;
    const head = [...(path === '' ? [''] : []), `${indent}# ${meaning(child, taken?.why)}`];
    // Of several forms the last is the one with keys; it is opened only when it is in use.
    const form = child.anyOf?.at(-1) ?? child;
    const opened = value === undefined ? child.anyOf === undefined : isMapping(value);
    if (form.properties !== undefined && opened) {
      const inner = section(form, (value ?? {}) as Values, at, notes);
      return [...head, `${indent}${value === undefined ? '# ' : ''}${key}:`, ...inner];
    }
    const remark = notes.remarks.get(at);
    const beside = remark === undefined ? '' : `  # ${remark}`;
    if (value !== undefined) return [...head, ...entry(key, value, indent, beside)];
    return [...head, `${indent}# ${key}:${taken === undefined ? '' : ` ${String(taken.value)}`}`];
  });
}

function meaning(node: SchemaNode, why: string | undefined): string {
  const names = node.enum === undefined ? '' : ` One of ${node.enum.join(', ')}.`;
  return `${node.description ?? ''}${names}${why === undefined ? '' : ` Default: ${why}.`}`;
}

/** `key: value`; a list of sentences goes one to a line. */
function entry(key: string, value: unknown, indent: string, beside: string): string[] {
  if (!Array.isArray(value) || !value.some((x) => String(x).includes(' ')))
    return [`${indent}${key}: ${flow(value)}${beside}`];
  return [`${indent}${key}:`, ...value.map((x) => `${indent}  - ${String(x)}`)];
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (!isMapping(value)) return String(value);
  return `{${Object.entries(value as Values)
    .map(([k, v]) => `${k}: ${flow(v)}`)
    .join(', ')}}`;
}

function isMapping(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
