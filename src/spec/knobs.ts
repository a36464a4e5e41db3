import type { Catalog } from '../catalog/types.ts';
import { formatCount } from '../units/format.ts';
import type { SpecEdit } from './edit.ts';
import type { Spec } from './types.ts';

/** Something that people vary, as a row of stops: each stop is a set of edits of the spec's text. */
export interface Knob {
  readonly id: string;
  readonly title: string;
  readonly stops: readonly KnobStop[];
  /** The stop that the spec is at, -1 when it is between them. */
  readonly at: number;
}

export interface KnobStop {
  readonly label: string;
  readonly edits: readonly SpecEdit[];
}

/** The knobs that this spec has, in the order in which people ask. Each stop keeps the spec's products whole. */
export function knobs(spec: Spec, catalog: Catalog): Knob[] {
  const { training, routing } = spec;
  return [
    ...gpuKnob(spec),
    ...networkKnobs(spec),
    ...expertKnob(spec),
    choiceKnob('precision', 'Precision', ['training', 'precision'], precisions(spec), training.precision),
    numberKnob('hot-paths', 'Pinned paths', ['routing', 'hotPaths'], HOT_PATHS, routing.hotPaths, String),
    ...reliabilityKnobs(spec, catalog),
  ];
}

const HOT_PATHS = [0, 16, 64, 256, 1024, 4096];

/** What the GPU multiplies in. */
function precisions({ cluster }: Spec): string[] {
  const { fp8, fp4 } = cluster.gpu.peak;
  return ['bf16', ...(fp8 === undefined ? [] : ['fp8']), ...(fp4 === undefined ? [] : ['mxfp8', 'nvfp4'])];
}

const CHECKPOINTS: readonly (readonly [string, number | 'auto'])[] = [
  ['auto', 'auto'],
  ['1 min', 60],
  ['5 min', 300],
  ['15 min', 900],
  ['30 min', 1_800],
  ['60 min', 3_600],
  ['180 min', 10_800],
];
const HOUR = 3_600;
const DAY = 86_400;
/** Hours of one GPU between failures: from a cluster just installed to better than any that was published. */
const MTTF_HOURS = [2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000];
const TERABYTES_A_SECOND = [0.1, 0.2, 0.5, 1, 2, 5, 10];
const TERA = 1_000_000_000_000; // literal: a unit

/** How often machines break, as measured on known fleets or by a number, and how progress is kept. */
function reliabilityKnobs({ reliability }: Spec, catalog: Catalog): Knob[] {
  const { failures, checkpoint } = reliability;
  const path = (...keys: string[]): string[] => ['reliability', ...keys];
  const fleets = catalog.ids('fleet');
  // Another fleet comes with a rate of its own.
  const ownRate = { path: path('mttfPerGpu'), value: null };
  const fleet: Knob = {
    id: 'failures',
    title: 'Failures as of',
    stops: fleets.map((id) => ({ label: id, edits: [{ path: path('failures'), value: id }, ownRate] })),
    at: fleets.indexOf(failures.id),
  };
  const hours = Math.round((failures.gpusPerNode * DAY) / failures.failuresPerNodeDay / HOUR);
  const mttf = numberKnob(
    'mttf',
    'MTTF of a GPU',
    path('mttfPerGpu'),
    MTTF_HOURS,
    hours,
    (h) => `${formatCount(h)} h`,
    (h) => `${h} h`,
  );
  const interval: Knob = {
    id: 'checkpoint',
    title: 'Checkpoint every',
    stops: CHECKPOINTS.map(([label]) => ({
      label,
      edits: [{ path: path('checkpoint', 'interval'), value: label }],
    })),
    at: CHECKPOINTS.findIndex(([, seconds]) => seconds === checkpoint.interval),
  };
  const storage = numberKnob(
    'storage',
    'Checkpoint rate',
    path('checkpoint', 'storage'),
    TERABYTES_A_SECOND,
    checkpoint.storage === null ? null : checkpoint.storage / TERA,
    (rate) => `${rate} TB/s`,
  );
  return [fleet, mttf, interval, storage];
}

const MOST_GPUS = 65_536;

/** More GPUs are more replicas, and the batch grows with them: the work of one GPU stays the same. */
function gpuKnob({ cluster, parallelism, training }: Spec): Knob[] {
  const { data, expert, tensor, shard = 1 } = parallelism;
  const perReplica = cluster.gpus / data;
  const batch = training.batch / data;
  if (!Number.isInteger(batch)) return [];
  const stops: KnobStop[] = [];
  let at = -1;
  for (let d = 1; d * perReplica <= MOST_GPUS; d *= 2) {
    const gpus = d * perReplica;
    if ((d * tensor) % expert !== 0 || d % shard !== 0 || gpus % cluster.node.gpus !== 0) continue;
    if (d === data) at = stops.length;
    stops.push({
      label: String(gpus),
      edits: [
        { path: ['cluster', 'gpus'], value: gpus },
        { path: ['parallelism', 'data'], value: d },
        { path: ['training', 'batch'], value: d * batch },
      ],
    });
  }
  return stops.length > 1 ? [{ id: 'gpus', title: 'GPUs', stops, at }] : [];
}

function networkKnobs({ cluster: { network, node } }: Spec): Knob[] {
  if (network.kind === 'imported') return [];
  const path = (key: string): string[] => ['cluster', 'network', key];
  const planes = [1, 2, 4, 8].filter((p) => node.nics % p === 0);
  const knob: Knob = {
    id: 'planes',
    title: 'Planes',
    stops: planes.map((p) => ({
      label: String(p),
      edits: [
        { path: path('topology'), value: p > 1 ? 'multi-plane-fat-tree' : 'fat-tree' },
        { path: path('planes'), value: p },
      ],
    })),
    at: network.topology === 'rail-optimized' ? -1 : planes.indexOf(Number(network.planes)),
  };
  const { leaf } = network.oversubscription;
  return [
    knob,
    numberKnob('layers', 'Layers', path('layers'), [2, 3], Number(network.layers), String),
    numberKnob(
      'oversubscription',
      'Oversubscription',
      path('oversubscription'),
      [1, 1.5, 2, 3, 4, 7],
      leaf,
      (ratio) => `${ratio} : 1`,
      String,
    ),
  ];
}

function expertKnob({ model, parallelism }: Spec): Knob[] {
  if (model.experts === undefined || model.experts === null) return [];
  const ranks = (parallelism.shard ?? parallelism.data) * parallelism.tensor;
  const sizes: number[] = [];
  for (let e = 1; e <= Math.min(ranks, model.experts.routed); e *= 2)
    if (ranks % e === 0 && model.experts.routed % e === 0) sizes.push(e);
  return [
    numberKnob(
      'expert',
      'Expert group',
      ['parallelism', 'expert'],
      sizes,
      parallelism.expert,
      (n) => `${n} ${n === 1 ? 'rank' : 'ranks'}`,
      String,
    ),
  ];
}

function choiceKnob(
  id: string,
  title: string,
  path: readonly string[],
  values: readonly (string | number)[],
  now: string | number,
): Knob {
  const stops = values.map((value) => ({ label: String(value), edits: [{ path, value }] }));
  return { id, title, stops, at: values.indexOf(now) };
}

/** Numbers, the spec's own among them whatever it is; null: the spec says none. `text` is what the spec would say. */
function numberKnob(
  id: string,
  title: string,
  path: readonly string[],
  values: readonly number[],
  now: number | null,
  label: (value: number) => string,
  text: (value: number) => string = label,
): Knob {
  const known = now === null || values.includes(now) || !Number.isFinite(now) ? values : [...values, now];
  const sorted = [...known].sort((a, b) => a - b);
  const stops = sorted.map((value) => ({ label: label(value), edits: [{ path, value: text(value) }] }));
  return { id, title, stops, at: now === null ? -1 : sorted.indexOf(now) };
}
