import type { Catalog } from '../catalog/types.ts';
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
  return [
    ...gpuKnob(spec),
    ...networkKnobs(spec),
    ...expertKnob(spec),
    choiceKnob('precision', 'Precision', ['training', 'precision'], ['bf16', 'fp8'], spec.training.precision),
    choiceKnob(
      'hot-paths',
      'Pinned paths',
      ['routing', 'hotPaths'],
      [0, 16, 64, 256, 1024, 4096],
      spec.routing.hotPaths,
    ),
    ...reliabilityKnobs(spec, catalog),
  ];
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

/** How often machines break, as measured on known fleets, and how often progress is kept. */
function reliabilityKnobs({ reliability }: Spec, catalog: Catalog): Knob[] {
  const { interval } = reliability.checkpoint;
  const checkpoint: Knob = {
    id: 'checkpoint',
    title: 'Checkpoint every',
    stops: CHECKPOINTS.map(([label]) => ({
      label,
      edits: [{ path: ['reliability', 'checkpoint', 'interval'], value: label }],
    })),
    at: CHECKPOINTS.findIndex(([, seconds]) => seconds === interval),
  };
  return [
    choiceKnob(
      'failures',
      'Failures as of',
      ['reliability', 'failures'],
      catalog.ids('fleet'),
      reliability.failures.id,
    ),
    checkpoint,
  ];
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
    choiceKnob('layers', 'Layers', path('layers'), [2, 3], network.layers),
    choiceKnob('oversubscription', 'Oversubscription', path('oversubscription'), [1, 1.5, 2, 3, 4, 7], leaf),
  ];
}

function expertKnob({ model, parallelism }: Spec): Knob[] {
  if (model.experts === undefined || model.experts === null) return [];
  const ranks = (parallelism.shard ?? parallelism.data) * parallelism.tensor;
  const sizes: number[] = [];
  for (let e = 1; e <= Math.min(ranks, model.experts.routed); e *= 2)
    if (ranks % e === 0 && model.experts.routed % e === 0) sizes.push(e);
  return [choiceKnob('expert', 'Expert group', ['parallelism', 'expert'], sizes, parallelism.expert)];
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
