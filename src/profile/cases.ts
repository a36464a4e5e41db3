import type { Context } from '../base/context.ts';
import { ensure, type Result } from '../base/result.ts';
import type { Catalog, Model, NodeShape, Published } from '../catalog/types.ts';
import { generateFabric } from '../fabric/generate.ts';
import { place } from '../fabric/placement.ts';
import { projectFlows } from '../fabric/project.ts';
import type { ResolvedNetwork } from '../fabric/sizing.ts';
import type { Fabric } from '../fabric/types.ts';
import { latency } from '../flow/bottleneck.ts';
import { nextHops } from '../routes/next-hops.ts';
import { type ExpertChoice, expertShares, expertSharing } from '../traffic/experts.ts';
import { rankLayout } from '../traffic/layout.ts';
import { groupShape } from '../traffic/shapes.ts';
import { transfersOf } from '../traffic/transfers.ts';
import type { RankLayout } from '../traffic/types.ts';
import type { ValidationCase } from '../validate/types.ts';
import { widths } from '../workload/job.ts';
import type { Operation } from '../workload/types.ts';
import { profile } from './profile.ts';
import type { OperationProfile } from './types.ts';

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

const GIGA = 1e9;
const MICRO = 1e-6;

type Design = 'MPFT' | 'MRFT' | 'one leaf';

function allToAllCases(published: Published): ValidationCase[] {
  const figures = published.value as Readonly<Record<'MPFT' | 'MRFT', Readonly<Record<string, readonly number[]>>>>;
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
        compute: (context) => ALL_TO_ALL_BYTES / secondsOf(allToAll(context, gpus, design)) / GIGA,
        note: 'one efficiency of the NIC is calibrated for all three sizes',
      });
    }
  }
  return cases;
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
      compute: (context) => secondsOf(allToAll(context, 128, 'MPFT')) / secondsOf(allToAll(context, 128, 'MRFT')),
      note: 'equal by construction: all traffic stays on its GPU index',
    },
    {
      id: 'F5.planes.tensor',
      title: 'tensor groups across planes: latency of a round over that on one plane',
      kind: 'arithmetic',
      published: (sameLeaf + measured.NVLink.same_us) / sameLeaf,
      unit: 'ratio',
      source,
      tolerance: 1e-9,
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
  const common = { source: published.source, unit: 'us', tolerance: 1e-9, kind: 'calibration' } as const;
  const cases: ValidationCase[] = [];
  for (const transport of ['InfiniBand', 'RoCE'] as const) {
    const id = transport === 'RoCE' ? 'roce' : 'infiniband';
    for (const [where, switches, key] of [['same', 1, 'same_leaf_us'], ['cross', 3, 'cross_leaf_us']] as const) {
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

/** Stages 3 and 4 for one operation on a fabric drawn for it. */
function run(context: Context, gpus: number, design: Design, operation: Operation, choice: ExpertChoice | null): OperationProfile {
  const node = ensure(context.catalog.find('node', 'hgx-h800'), 'node hgx-h800');
  const fabric = draw(context, node, gpus, design);
  const layout = value(rankLayout(gpus, node.gpus));
  const shares = choice === null ? {} : { shares: expertSharing(choice) };
  const transfers = [transfersOf(operation, layout, { collective: 'ring', stageStride: gpus, ...shares })];
  const placed = value(place({ fabric, layout, transfers, node, strategy: 'linear', hosts: null, dimensions: [], seed: context.seed }));
  const { placement } = placed;
  const { flows, scopes } = projectFlows({ fabric, layout, placement, transfers });
  const result = profile(
    {
      fabric,
      hops: nextHops(fabric),
      flows,
      scopes,
      transfers,
      layout,
      placement,
      node,
      seed: context.seed,
      ecmpSeeds: 1,
      queuePairs: 1,
      hotPaths: 0,
      top: 0,
    },
    context,
  );
  return result.operations[0]!;
}

function draw(context: Context, node: NodeShape, gpus: number, design: Design): Fabric {
  const multi = design === 'MPFT';
  const network: ResolvedNetwork = {
    kind: 'generated',
    topology: multi ? 'multi-plane-fat-tree' : design === 'MRFT' ? 'rail-optimized' : 'fat-tree',
    planes: multi ? node.nics : 1,
    layers: 2,
    switch: { model: 'quantum-2-qm9700', ports: 64, portRate: node.nicRate },
    transport: 'infiniband',
    oversubscription: { leaf: 1, spine: 1 },
    nicPorts: 'per-nic',
    hostsPerLeaf: null,
    podEndpoints: null,
    cut: 0,
  };
  return value(generateFabric({ network, node, gpus, seed: context.seed }));
}

/** The smallest three-layer tree of 16-port switches that has more than one pod. */
function threeLayerLatency(context: Context): number {
  const node = ensure(context.catalog.find('node', 'hgx-h800'), 'node hgx-h800');
  const gpus = 256;
  const fabric = value(
    generateFabric({
      gpus,
      node,
      seed: context.seed,
      network: {
        kind: 'generated',
        topology: 'fat-tree',
        planes: 1,
        layers: 3,
        switch: { model: 'quantum-2-qm9700', ports: 16, portRate: node.nicRate },
        transport: 'infiniband',
        oversubscription: { leaf: 1, spine: 1 },
        nicPorts: 'per-nic',
        hostsPerLeaf: null,
        podEndpoints: null,
        cut: 0,
      },
    }),
  );
  const hops = nextHops(fabric).switchHops(0, gpus - 1);
  return latency('infiniband', hops, context.catalog);
}

const ALL_TO_ALL_BYTES = 16 * 1024 * 1024 * 1024;

function allToAll(context: Context, gpus: number, design: Design): OperationProfile {
  return run(context, gpus, design, group('all-to-all', gpus, gpus, ALL_TO_ALL_BYTES, 'sender'), null);
}

/** Tensor groups of six on three nodes of eight: all but the first and the last lie on two nodes. */
function tensorGroups(context: Context, design: Design): OperationProfile {
  return run(context, 24, design, group('all-gather', 6, 24, 1024, 'none'), null);
}

type ExpertKind = 'dispatch' | 'combine';
const TOKENS_PER_GPU = 4096;

function expertOperation(context: Context, gpus: number, kind: ExpertKind): { seconds: number; bound: string } {
  const bytesPerToken = tokenBytes(context, kind);
  const operation: Operation = {
    ...group(kind, gpus, gpus, TOKENS_PER_GPU * bytesPerToken, kind === 'dispatch' ? 'receiver' : 'sender'),
    tokens: { perRank: TOKENS_PER_GPU, bytesPerToken },
  };
  return modulo(run(context, gpus, 'MPFT', operation, choiceOf(context)));
}

/** DeepEP's convention: tokens x distinct nodes x bytes over time. */
function expertBandwidth(context: Context, gpus: number, kind: ExpertKind): number {
  const layout: RankLayout = value(rankLayout(gpus, 8));
  const members = Int32Array.from({ length: gpus }, (_, i) => i);
  const shares = expertShares(choiceOf(context), 0, groupShape(members, layout));
  const nodes = shares.node.reduce((a, b) => a + b, 0);
  return (TOKENS_PER_GPU * nodes * tokenBytes(context, kind)) / expertOperation(context, gpus, kind).seconds;
}

function tokenBytes(context: Context, kind: ExpertKind): number {
  const model = deepseek(context);
  const { dispatchedToken, activation } = widths(model, 'fp8', context.catalog);
  return kind === 'dispatch' ? dispatchedToken : model.hidden * activation;
}

function choiceOf(context: Context): ExpertChoice {
  const experts = ensure(deepseek(context).experts, 'experts of deepseek-v3');
  const { max_nodes } = context.catalog.published('V3').value as { readonly max_nodes: number };
  return { ...experts, popularity: { kind: 'uniform' }, nodeLimit: max_nodes, seed: context.seed };
}

function deepseek(context: Context): Model {
  return ensure(context.catalog.find('model', 'deepseek-v3'), 'model deepseek-v3');
}

/** One operation on groups of consecutive ranks, once a step. */
function group(
  kind: Operation['kind'],
  size: number,
  ranks: number,
  bytesPerRank: number,
  forwarding: Operation['forwarding'],
): Operation {
  return {
    id: kind,
    title: kind,
    kind,
    phase: 'forward',
    dimension: kind === 'all-gather' ? 'tensor' : 'expert',
    groups: { inner: [{ size, stride: 1 }], outer: [{ size: ranks / size, stride: size }] },
    bytesPerRank,
    count: [1],
    overlaps: null,
    forwarding,
  };
}

function modulo(operation: OperationProfile): { seconds: number; bound: string } {
  return ensure(
    operation.times.find((t) => t.policy === 'modulo'),
    'time under destination-modulo',
  );
}

function secondsOf(operation: OperationProfile): number {
  return modulo(operation).seconds;
}

/** The value of a step that cannot fail here: the designs are fixed. */
function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('; '));
  return result.value;
}
