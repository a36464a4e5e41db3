import type { Context } from '../base/context.ts';
import { ensure } from '../base/result.ts';
import type { Catalog, Published } from '../catalog/types.ts';
import type { ValidationCase } from '../validate/types.ts';
import { compareTopologies } from './compare.ts';
import { generateFabric } from './generate.ts';
import type { ResolvedNetwork } from './sizing.ts';
import { summariseFabric } from './summary.ts';
import type { FabricSummary, TopologyRow } from './types.ts';

/** Radix, planes and node of the published designs. */
const RADIX = 64;
const PLANES = 8;
/** The two-price model does not carry the dragonfly's mix of cables. */
const COST_TOLERANCE = 0.03;
const DRAGONFLY_TOLERANCE = 0.05;

/** Table 3 of the DeepSeek-V3 hardware paper, NVIDIA's SuperPOD counts, and the planes of the former as drawn. */
export function fabricCases(catalog: Catalog): readonly ValidationCase[] {
  return [
    ...tableCases(catalog.published('T3')),
    ...superPodCases(catalog.published('NV.superpod')),
    ...planeCases(catalog),
  ];
}

type Table<T> = Readonly<Record<string, T>>;

interface TableColumn {
  readonly endpoints: number;
  readonly switches: number;
  readonly links: number;
  readonly cost_per_endpoint_kusd: number;
}

function tableCases(published: Published): ValidationCase[] {
  const cases: ValidationCase[] = [];
  for (const [id, column] of Object.entries(published.value as Table<TableColumn>)) {
    const row = (context: Context): TopologyRow =>
      ensure(
        compareTopologies(RADIX, PLANES, context.catalog).find((r) => r.id === id),
        `topology ${id}`,
      );
    for (const key of ['endpoints', 'switches', 'links'] as const) {
      cases.push({
        ...common(published),
        id: `T3.${id.toLowerCase()}.${key}`,
        title: `${id}: ${key}`,
        kind: 'count',
        published: column[key],
        unit: 'count',
        tolerance: 0,
        compute: (context) => row(context)[key],
      });
    }
    const note = 'the two prices were solved from the FT2 and FT3 columns of the same table';
    cases.push({
      ...common(published),
      id: `T3.${id.toLowerCase()}.costPerEndpoint`,
      title: `${id}: cost an endpoint`,
      kind: id === 'FT2' || id === 'FT3' ? 'calibration' : 'arithmetic',
      published: column.cost_per_endpoint_kusd * 1000,
      unit: 'USD',
      tolerance: id === 'DF' ? DRAGONFLY_TOLERANCE : COST_TOLERANCE,
      note: id === 'DF' ? `${note}; its long cables are not priced apart` : note,
      compute: (context) => row(context).costPerEndpoint,
    });
  }
  return cases;
}

interface SuperPod {
  readonly gpus: number;
  readonly leaf: number;
  readonly spine: number;
  readonly core: number;
}

function superPodCases(published: Published): ValidationCase[] {
  const cases: ValidationCase[] = [];
  for (const [id, design] of Object.entries(published.value as Table<SuperPod>)) {
    for (const [key, counted] of [
      ['leaf', 'leaves'],
      ['spine', 'spines'],
      ['core', 'cores'],
    ] as const) {
      cases.push({
        ...common(published),
        id: `NV.${id.toLowerCase()}.${counted}`,
        title: `SuperPOD ${id}, ${design.gpus} GPUs: ${counted}`,
        kind: 'count',
        published: design[key],
        unit: 'count',
        tolerance: 0,
        compute: (context) => draw(context, 'rail-optimized', design.gpus, design.core > 0 ? 3 : 2)[counted],
      });
    }
  }
  return cases;
}

/** Published name of each count of one plane. */
const PLANE_COUNTS = {
  'MPFT.full-plane': {
    gpus: 16384,
    endpoints: 'endpoints',
    leaves: 'leaves',
    spines: 'spines',
    interSwitchLinks: 'leaf_spine_links',
  },
  'MPFT.deployed-2048': {
    gpus: 2048,
    endpoints: 'endpoints_per_plane',
    leaves: 'leaves_per_plane',
    spines: 'spines_per_plane',
  },
} as const;

function planeCases(catalog: Catalog): ValidationCase[] {
  const cases: ValidationCase[] = [];
  for (const [id, { gpus, ...counts }] of Object.entries(PLANE_COUNTS)) {
    const published = catalog.published(id);
    for (const [key, name] of Object.entries(counts)) {
      cases.push({
        ...common(published),
        id: `${id}.${key}`,
        title: `one plane at ${gpus} GPUs: ${key}`,
        kind: 'count',
        published: ensure((published.value as Table<number>)[name], `${id} ${name}`),
        unit: 'count',
        tolerance: 0,
        compute: (context) =>
          draw(context, 'multi-plane-fat-tree', gpus, 2).perPlane[0]![key as keyof typeof counts],
      });
    }
  }
  return cases;
}

/** Draws the published design from 64-port switches and 8-GPU nodes and counts it. */
function draw(
  context: Context,
  topology: ResolvedNetwork['topology'],
  gpus: number,
  layers: 2 | 3,
): FabricSummary {
  const node = ensure(context.catalog.find('node', 'hgx-h800'), 'node hgx-h800');
  const network: ResolvedNetwork = {
    kind: 'generated',
    topology,
    planes: topology === 'multi-plane-fat-tree' ? PLANES : 1,
    layers,
    switch: { model: 'published', ports: RADIX, portRate: node.nicRate },
    transport: 'infiniband',
    oversubscription: { leaf: 1, spine: 1 },
    nicPorts: 'per-nic',
    hostsPerLeaf: null,
    podEndpoints: null,
    cut: 0,
  };
  const fabric = generateFabric({ network, node, gpus, seed: context.seed });
  if (!fabric.ok) throw new Error(`the published design cannot be drawn: ${fabric.issues[0]?.message}`);
  return summariseFabric(fabric.value);
}

function common(published: Published): { readonly source: string } {
  return { source: published.source };
}
