import type { Catalog, NodeShape } from '../../catalog/types.ts';
import type { ForeignConfig, SpecValue, SpecValues } from './gather.ts';

/** What a user may say of which the file is silent. */
export interface FromOptions {
  readonly model?: string;
  readonly node?: string;
  readonly gpus?: number;
}

export interface Completed {
  readonly values: SpecValues;
  /** By path, what a placeholder stands for. */
  readonly placeholders: ReadonlyMap<string, string>;
}

/** Stand-ins for what a spec must have; each is marked as one wherever it is written. */
const PLACEHOLDER = { model: 'llama-3.1-8b', node: 'hgx-h100', vocabulary: 128_256 } as const;
/** Multiples of the smallest fitting cluster that are tried for a placeholder. */
const MOST_MULTIPLES = 256;

/** Adds what a spec needs and the file lacks: the user's word first, else a placeholder that says it is one. */
export function complete(foreign: ForeignConfig, options: FromOptions, catalog: Catalog): Completed {
  const placeholders = new Map<string, string>();
  const why = (path: string) => foreign.missing.get(path) ?? 'the file does not say';
  const hold = (path: string) => placeholders.set(path, why(path));
  const model = completeModel(foreign, options, hold);
  const cluster = (foreign.values['cluster'] ?? {}) as SpecValues;
  const parallelism = { ...((foreign.values['parallelism'] ?? {}) as SpecValues) };
  const known = options.gpus ?? (cluster['gpus'] as number | undefined);
  const node = options.node ?? placeholderNode(known, catalog);
  if (options.node === undefined) hold('cluster.node');
  const shape = catalog.find('node', node);
  const gpus = known ?? smallestCluster(foreign.values, model, shape);
  if (known === undefined) hold('cluster.gpus');
  // A user's number of GPUs, or whole servers, may leave another number of replicas than the file's.
  if (options.gpus !== undefined || known === undefined) {
    delete parallelism['data'];
    if (replicasOf(parallelism, gpus) % shardOf(parallelism) !== 0) delete parallelism['shard'];
  }
  return {
    values: {
      ...foreign.values,
      model,
      ...(Object.keys(parallelism).length > 0 ? { parallelism } : {}),
      cluster: { ...cluster, node, gpus },
    },
    placeholders,
  };
}

/** The file's model where its heart is there; else the user's, else a placeholder. */
function completeModel(
  foreign: ForeignConfig,
  options: FromOptions,
  hold: (path: string) => void,
): SpecValue {
  if (options.model !== undefined) return options.model;
  const read = foreign.values['model'];
  if (typeof read === 'string') return read;
  const shape = read as SpecValues | undefined;
  const heads = (shape?.['attention'] as SpecValues | undefined)?.['heads'];
  if (shape?.['layers'] === undefined || shape['hidden'] === undefined || heads === undefined) {
    hold('model');
    return PLACEHOLDER.model;
  }
  if (shape['vocabulary'] !== undefined) return shape;
  hold('model.vocabulary');
  return { ...shape, vocabulary: PLACEHOLDER.vocabulary };
}

/** The usual server, or the first of the catalog that the GPUs fill. */
function placeholderNode(gpus: number | undefined, catalog: Catalog): string {
  const fills = (id: string) => gpus === undefined || gpus % (catalog.find('node', id)?.gpus ?? 1) === 0;
  const named = catalog.ids('node').filter((id) => !id.startsWith('generic-'));
  return [PLACEHOLDER.node, ...named].find(fills) ?? PLACEHOLDER.node;
}

/** The fewest whole servers on which the degrees, the batch and the experts that were read fit together. */
function smallestCluster(values: SpecValues, model: SpecValue, node: NodeShape | undefined): number {
  const p = (values['parallelism'] ?? {}) as Record<string, number>;
  const t = (values['training'] ?? {}) as Record<string, number>;
  const others = othersOf(p);
  const replicas = p['data'] ?? shardOf(p);
  const unit = lcm(node?.gpus ?? 8, others * replicas);
  const experts = typeof model === 'string' ? 1 : (p['expert'] ?? 1);
  for (let k = 1; k <= MOST_MULTIPLES; k++) {
    const data = (k * unit) / others;
    const whole = (t['batch'] ?? data) % (data * (t['microbatch'] ?? 1)) === 0 || t['batch'] === undefined;
    if (whole && ((p['tensor'] ?? 1) * data) % experts === 0) return k * unit;
  }
  return unit;
}

/** GPUs of one replica, replicas of a cluster, and how many of them share a copy of the state. */
const othersOf = (p: SpecValues): number =>
  Number(p['tensor'] ?? 1) * Number(p['pipeline'] ?? 1) * Number(p['context'] ?? 1);
const replicasOf = (p: SpecValues, gpus: number): number => gpus / othersOf(p);
const shardOf = (p: SpecValues): number => Number(p['shard'] ?? 1);

function lcm(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
