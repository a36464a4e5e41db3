import type { Issue } from '../base/issue.ts';
import { issue } from '../base/issue.ts';
import type { Result } from '../base/result.ts';
import { fail, InputError, ok } from '../base/result.ts';
import { nearest } from '../units/nearest.ts';
import { data as builtinData } from './generated.ts';
import { schemas } from './schema.ts';
import type { Catalog, Constant, Entities, EntityKind, Published } from './types.ts';

type Kind = EntityKind | 'constant' | 'published';
type Entry<K extends Kind> = K extends EntityKind ? Entities[K] : K extends 'constant' ? Constant : Published;
type Tables = { readonly [K in Kind]: Map<string, Entry<K>> };

/** Which kind of entry a file holds, by its name or its folder: `models.yaml`, `constants/step.yaml`. */
const FILES: Readonly<Record<string, Kind>> = {
  constants: 'constant',
  gpus: 'gpu',
  efficiency: 'efficiency',
  nodes: 'node',
  switches: 'switch',
  models: 'model',
  fleets: 'fleet',
  detectors: 'detector',
  advice: 'advice',
  published: 'published',
};

/**
 * A catalog from parsed files (`{gpus: [...], 'published/network': [...]}`), checked: known files, the form of every
 * entry, provenance on each, no id twice in one of the two sources. Entries of `overlay` replace those of the same id.
 */
export function createCatalog(
  data: Record<string, unknown>,
  overlay?: Record<string, unknown>,
): Result<Catalog> {
  const tables = emptyTables();
  const issues = readInto(tables, data);
  if (overlay !== undefined) {
    const own = emptyTables();
    issues.push(...readInto(own, overlay));
    for (const kind of Object.keys(own) as Kind[]) {
      for (const [id, entry] of own[kind]) (tables[kind] as Map<string, unknown>).set(id, entry);
    }
  }
  issues.push(...danglingGpus(tables));
  return issues.length > 0 ? fail(issues) : ok(view(tables));
}

let memo: Catalog | undefined;

/** The catalog that comes with Planewright. */
export function builtin(): Catalog {
  if (memo === undefined) {
    const made = createCatalog(builtinData);
    if (!made.ok) throw new InputError(made.issues);
    memo = made.value;
  }
  return memo;
}

function emptyTables(): Tables {
  return {
    constant: new Map(),
    gpu: new Map(),
    efficiency: new Map(),
    node: new Map(),
    switch: new Map(),
    model: new Map(),
    fleet: new Map(),
    detector: new Map(),
    advice: new Map(),
    published: new Map(),
  };
}

function readInto(tables: Tables, data: Record<string, unknown>): Issue[] {
  return Object.entries(data).flatMap(([key, list]) => readFile(tables, key, list));
}

function readFile(tables: Tables, key: string, list: unknown): Issue[] {
  const file = `${key}.yaml`;
  const kind = FILES[key.split('/')[0]!];
  if (kind === undefined) {
    const near = nearest(key, Object.keys(FILES));
    const allowed = Object.keys(FILES).join(', ');
    const more = near === undefined ? {} : { nearest: near };
    return [
      issue({ code: 'unknown-catalog-file', file, message: 'not a file of a catalog', allowed, ...more }),
    ];
  }
  if (!Array.isArray(list)) {
    return [issue({ code: 'wrong-type', file, message: 'a catalog file is a list of entries' })];
  }
  return list.flatMap((raw: unknown, index) => readEntry(tables, kind, file, raw, index));
}

function readEntry(tables: Tables, kind: Kind, file: string, raw: unknown, index: number): Issue[] {
  const parsed = schemas[kind].safeParse(raw);
  if (!parsed.success) {
    return parsed.error.issues.map((i) =>
      issue({
        code: 'catalog-entry',
        file,
        path: [index, ...(i.path as (string | number)[])],
        message: i.message,
      }),
    );
  }
  const entry = parsed.data;
  const table = tables[kind] as Map<string, unknown>;
  if (table.has(entry.id)) {
    return [
      issue({
        code: 'duplicate-id',
        file,
        path: [index, 'id'],
        message: `there are two entries '${entry.id}'`,
      }),
    ];
  }
  table.set(entry.id, entry);
  return [];
}

function danglingGpus(tables: Tables): Issue[] {
  return [...tables.node.values()]
    .filter((node) => !tables.gpu.has(node.gpu))
    .map((node) =>
      issue({
        code: 'unknown-name',
        file: 'nodes.yaml',
        path: [node.id, 'gpu'],
        message: `there is no GPU '${node.gpu}'`,
      }),
    );
}

function view(tables: Tables, used?: Set<string>): Catalog {
  return {
    get(id) {
      const entry = mustHave(tables.constant, id, 'constant');
      used?.add(id);
      return entry;
    },
    find(kind, id) {
      const entry = (tables[kind] as Map<string, Entities[typeof kind]>).get(id);
      if (entry !== undefined) used?.add(`${kind}/${id}`);
      return entry;
    },
    published: (id) => mustHave(tables.published, id, 'published figure'),
    ids: (kind) => [...tables[kind].keys()],
    track: (set) => view(tables, set),
  };
}

function mustHave<T>(table: ReadonlyMap<string, T>, id: string, what: string): T {
  const entry = table.get(id);
  if (entry === undefined) throw new Error(`no ${what} '${id}' in the catalog`);
  return entry;
}
