import type { Context } from '../base/context.ts';
import { ensure } from '../base/result.ts';
import type { Catalog, Published } from '../catalog/types.ts';
import { latency } from '../flow/bottleneck.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { ValidationCase } from '../validate/types.ts';
import {
  ALL_TO_ALL_BYTES,
  allToAll,
  type ExpertKind,
  expertBandwidth,
  expertOperation,
  modulo,
  tensorGroups,
  threeLayerLatency,
} from './trials.ts';

/**
 * Collectives as they were measured (DeepSeek-V3 hardware paper, Figures 5 and 7, Table 5), run through stages 2 to 4 on
 * a fabric drawn for them: no formula of these figures is in this file.
 */
export function profileCases(catalog: Catalog): readonly ValidationCase[] {
  return [
    ...allToAllCases(catalog.published('F5')),
    ...planeCases(catalog),
    ...expertCases(catalog.published('F7')),
    ...latencyCases(catalog.published('T5')),
  ];
}

// literal: the prefix in which the figures are published
const GIGA = 1e9;
// literal: the prefix in which the figures are published
const MICRO = 1e-6;

function allToAllCases(published: Published): ValidationCase[] {
  const figures = published.value as Readonly<
    Record<'MPFT' | 'MRFT', Readonly<Record<string, readonly number[]>>>
  >;
  const sizes = [32, 64, 128];
  const common = { source: published.source, unit: 'GB/s' };
  const titles = { MPFT: 'multi-plane', MRFT: 'rail-optimized, one plane' };
  const cases: ValidationCase[] = [];
  for (const design of ['MPFT', 'MRFT'] as const) {
    for (const gpus of sizes) {
      cases.push({
        ...common,
        id: `F5.${design.toLowerCase()}.${gpus}`,
        title: `all-to-all algorithm bandwidth, ${gpus} GPUs, 16 GiB, ${titles[design]}`,
        kind: 'calibration',
        published: ensure(figures[design][gpus]?.at(-1), `F5 ${design} ${gpus}`),
        tolerance: 0.03,
        compute: (context) => ALL_TO_ALL_BYTES / seconds(context, gpus, design) / GIGA,
        note: 'one efficiency of the NIC is calibrated for all three sizes',
      });
    }
  }
  return cases;
}

function seconds(context: Context, gpus: number, design: 'MPFT' | 'MRFT'): number {
  return modulo(allToAll(context, gpus, design)).seconds;
}

/** What planes cost: nothing while traffic keeps to its GPU index, a change over inside the node where it does not. */
function planeCases(catalog: Catalog): ValidationCase[] {
  const { source, value } = catalog.published('T5');
  const measured = value as LatencyTable;
  const sameLeaf = measured.InfiniBand.same_leaf_us;
  return [
    {
      id: 'F5.planes.equal',
      title: 'all-to-all on eight planes over all-to-all on one, 128 GPUs',
      kind: 'arithmetic',
      published: 1,
      unit: 'ratio',
      source: catalog.published('F5').source,
      tolerance: 0,
      digits: 12,
      compute: (context) => seconds(context, 128, 'MPFT') / seconds(context, 128, 'MRFT'),
      note: 'equal by construction: all traffic stays on its GPU index',
    },
    {
      id: 'F5.planes.tensor',
      title: 'tensor groups across planes: latency of a round over that on one plane',
      kind: 'arithmetic',
      published: (sameLeaf + measured.NVLink.same_us) / sameLeaf,
      unit: 'ratio',
      source,
      tolerance: HAIR,
      compute: (context) => tensorGroups(context, 'MPFT').latency / tensorGroups(context, 'one leaf').latency,
      note: 'groups of 6 on nodes of 8: a message from GPU 7 to GPU 0 of the next node changes over by NVLink first',
    },
  ];
}

function expertCases(published: Published): ValidationCase[] {
  const figures = published.value as Readonly<Record<string, Readonly<Record<ExpertKind, number>>>>;
  const cases: ValidationCase[] = [];
  for (const gpus of [32, 64, 128]) {
    for (const kind of ['dispatch', 'combine'] as const) {
      const wide = kind === 'combine' && gpus === 128;
      cases.push({
        id: `F7.${kind}.ep${gpus}`,
        title: `expert ${kind} algorithm bandwidth, ${gpus} GPUs`,
        kind: 'prediction',
        published: ensure(figures[gpus], `F7 at ${gpus}`)[kind],
        unit: 'GB/s',
        source: published.source,
        tolerance: wide ? 0.15 : 0.1,
        compute: (context) => expertBandwidth(context, gpus, kind) / GIGA,
        note: wide
          ? 'not modelled: the reduction on the receiving GPU, and incast of many senders'
          : 'as DeepEP counts: tokens x distinct nodes, the own one included, x bytes over time',
      });
    }
  }
  for (const kind of ['dispatch', 'combine'] as const) {
    cases.push({
      id: `F7.${kind}.ep16.bound`,
      title: `expert ${kind} on 16 GPUs is bound by NVLink (1: yes)`,
      kind: 'prediction',
      published: 1,
      unit: '',
      source: `${published.source}: ${ensure(figures[16], 'F7 at 16')[kind]} GB/s, half of it on the wire, far from a NIC's limit`,
      tolerance: 0,
      compute: (context) => (expertOperation(context, 16, kind).bound === 'scale-up' ? 1 : 0),
    });
  }
  return cases;
}

interface LatencyTable {
  readonly RoCE: { readonly same_leaf_us: number; readonly cross_leaf_us: number };
  readonly InfiniBand: { readonly same_leaf_us: number; readonly cross_leaf_us: number };
  readonly NVLink: { readonly same_us: number };
}

function latencyCases(published: Published): ValidationCase[] {
  const table = published.value as LatencyTable;
  const common = { source: published.source, unit: 'us', tolerance: HAIR, kind: 'calibration' } as const;
  const cases: ValidationCase[] = [];
  for (const transport of ['InfiniBand', 'RoCE'] as const) {
    const id = transport === 'RoCE' ? 'roce' : 'infiniband';
    for (const [where, switches, key] of [
      ['same', 1, 'same_leaf_us'],
      ['cross', 3, 'cross_leaf_us'],
    ] as const) {
      cases.push({
        ...common,
        id: `T5.${id}.${where}`,
        title: `64-byte latency, ${transport}, ${where} leaf, ${switches} switch${switches > 1 ? 'es' : ''}`,
        published: table[transport][key],
        compute: ({ catalog }) => latency(id, switches, catalog) / MICRO,
      });
    }
  }
  const { same_leaf_us: same, cross_leaf_us: cross } = table.InfiniBand;
  return [
    ...cases,
    {
      ...common,
      id: 'T5.nvlink',
      title: '64-byte latency, NVLink',
      published: table.NVLink.same_us,
      compute: ({ catalog }) => catalog.get('scale-up.latency').value / MICRO,
    },
    {
      ...common,
      id: 'T5.infiniband.three-layer',
      title: '64-byte latency across a three-layer tree, InfiniBand, 5 switches',
      kind: 'arithmetic',
      published: cross + (cross - same),
      compute: (context) => threeLayerLatency(context) / MICRO,
      note: 'not measured: the published line through one and three switches, carried on to five',
    },
  ];
}
