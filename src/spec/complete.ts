import { type Document, isMap, isPair, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Catalog } from '../catalog/types.ts';
import { specJsonSchema } from './json-schema.ts';

/** What may be written at a place of a spec. */
export interface Completion {
  /** Where the word begins that is being written; a choice replaces the text from here to the offset. */
  readonly from: number;
  readonly choices: readonly CompletionChoice[];
}

export interface CompletionChoice {
  readonly text: string;
  /** What it is, from the schema or the catalog. */
  readonly detail: string;
}

/** The parts of JSON Schema that a spec's form is made of. */
interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
}

const MARK = 'cursor-is-here';
const WORD = /[\w.-]*$/;

/**
 * Keys and values that fit at an offset of a spec's text, by its schema and the catalog, those first that begin as
 * the word does. A text that is not YAML around the place has none.
 */
export function complete(text: string, offset: number, catalog: Catalog): Completion {
  const word = WORD.exec(text.slice(0, offset))![0];
  const from = offset - word.length;
  const place = placeOf(text, from, offset);
  if (place === null) return { from, choices: [] };
  const schema = schemaAt(specJsonSchema() as Schema, place.path);
  const all = place.isKey ? keys(schema, place.present) : values(schema, place.path, catalog);
  const fits = all.filter((c) => c.text.toLowerCase().includes(word.toLowerCase()) && c.text !== word);
  const begins = (c: CompletionChoice): number => (c.text.startsWith(word) ? 0 : 1);
  return { from, choices: fits.sort((a, b) => begins(a) - begins(b)) };
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly isKey: boolean;
  /** Keys that the mapping has already. */
  readonly present: ReadonlySet<string>;
}

/** Where in the document the word stands: parsed with a mark in its place, as a value or as a key. */
function placeOf(text: string, from: number, offset: number): Place | null {
  const line = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
  const lead = line.slice(Math.max(line.lastIndexOf('{'), line.lastIndexOf(','), line.lastIndexOf('[')) + 1);
  const isKey = !/:\s/.test(lead) && innermost(line) !== '[';
  const rest = text.slice(offset);
  const mark = isKey && !/^\s*:/.test(rest) ? `${MARK}: 0` : MARK;
  const document = parseDocument(text.slice(0, from) + mark + rest, {
    logLevel: 'silent',
    uniqueKeys: false,
  });
  return search(document.contents as Node | null, [], document);
}

/** The bracket that is open at the end of a line. */
function innermost(line: string): string | undefined {
  const open: string[] = [];
  for (const c of line) {
    if (c === '{' || c === '[') open.push(c);
    else if (c === '}' || c === ']') open.pop();
  }
  return open.at(-1);
}

function search(node: unknown, path: readonly (string | number)[], document: Document): Place | null {
  if (isScalar(node)) return node.value === MARK ? { path, isKey: false, present: new Set() } : null;
  if (isSeq(node)) return firstOf(node.items.map((item, i) => () => search(item, [...path, i], document)));
  if (!isMap(node)) return null;
  const names = node.items.map((p) => (isScalar(p.key) ? String(p.key.value) : ''));
  if (names.includes(MARK)) return { path, isKey: true, present: new Set(names) };
  return firstOf(
    node.items.map(
      (pair, i) => () => (isPair(pair) ? search(pair.value, [...path, names[i]!], document) : null),
    ),
  );
}

function firstOf(tries: readonly (() => Place | null)[]): Place | null {
  for (const attempt of tries) {
    const found = attempt();
    if (found !== null) return found;
  }
  return null;
}

/** All alternatives at a path together. */
function schemaAt(root: Schema, path: readonly (string | number)[]): readonly Schema[] {
  let here: readonly Schema[] = flatten(root);
  for (const step of path) {
    here = here.flatMap((s) => {
      const next = typeof step === 'number' ? s.items : s.properties?.[step];
      return next === undefined ? [] : flatten(next);
    });
  }
  return here;
}

function flatten(schema: Schema): readonly Schema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(flatten);
}

function keys(schemas: readonly Schema[], present: ReadonlySet<string>): CompletionChoice[] {
  const found = new Map<string, CompletionChoice>();
  for (const { properties = {} } of schemas)
    for (const [name, { description = '' }] of Object.entries(properties))
      if (!present.has(name)) found.set(name, { text: name, detail: description });
  return [...found.values()];
}

/** Fields whose values are names of the catalog. */
const NAMES = {
  model: 'model',
  'cluster.node': 'node',
  'cluster.network.switch': 'switch',
} as const;

function values(
  schemas: readonly Schema[],
  path: readonly (string | number)[],
  catalog: Catalog,
): CompletionChoice[] {
  const detail = schemas.find((s) => s.description !== undefined)?.description ?? '';
  const listed = schemas.flatMap((s) => s.enum ?? (s.type === 'boolean' ? ['true', 'false'] : []));
  const kind = NAMES[path.join('.') as keyof typeof NAMES];
  const named = kind === undefined ? [] : catalog.ids(kind).map((id) => ({ text: id, detail: kind }));
  return [...listed.map((v) => ({ text: String(v), detail })), ...named];
}
