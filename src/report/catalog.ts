import type { Catalog } from '../catalog/types.ts';
import { type Cell, left, type Section } from './types.ts';

export const KINDS = [
  'gpu',
  'efficiency',
  'node',
  'switch',
  'model',
  'fleet',
  'detector',
  'advice',
  'constant',
  'published',
] as const;
export type Kind = (typeof KINDS)[number];

/** What the catalog holds: a section a kind, a row an entry, each with its source. */
export function catalogListSections(catalog: Catalog, kinds: readonly Kind[]): Section[] {
  return kinds.map((kind) => ({
    id: kind,
    title: `${kind} (${catalog.ids(kind).length})`,
    columns: [left('id'), left('value'), left('confidence'), left('source')],
    rows: catalog.ids(kind).map((id) => row(catalog, kind, id)),
    notes: [],
  }));
}

/** One entry, a row a field; nested tables as one line each. */
export function catalogEntrySections(entry: object): Section[] {
  return [
    {
      id: 'entry',
      title: 'entry',
      columns: [left(), left()],
      rows: Object.entries(entry).map(([key, value]): Cell[] => [
        key,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
      notes: [],
    },
  ];
}

function row(catalog: Catalog, kind: Kind, id: string): Cell[] {
  if (kind === 'constant') {
    const c = catalog.get(id);
    const range =
      c.low === undefined && c.high === undefined ? '' : ` (${c.low ?? c.value} to ${c.high ?? c.value})`;
    return [id, `${c.value} ${c.unit}${range}`, c.confidence, c.source];
  }
  if (kind === 'published') {
    const p = catalog.published(id);
    return [id, p.unit, p.confidence, p.source];
  }
  const e = catalog.find(kind, id)!;
  return [id, e.name, e.confidence, e.source];
}
