import type { Context } from '../base/context.ts';
import { ensure, type Result } from '../base/result.ts';
import type { Model, NodeShape } from '../catalog/types.ts';
import { generateFabric } from '../fabric/generate.ts';
import { place } from '../fabric/placement.ts';
import { projectFlows } from '../fabric/project.ts';
import type { Fabric } from '../fabric/types.ts';
import { latency } from '../flow/bottleneck.ts';
import { nextHops } from '../routes/next-hops.ts';
import { type ExpertChoice, expertShares, expertSharing } from '../traffic/experts.ts';
import { rankLayout } from '../traffic/layout.ts';
import { groupShape } from '../traffic/shapes.ts';
import { transfersOf } from '../traffic/transfers.ts';
import { widths } from '../workload/job.ts';
import type { Operation } from '../workload/types.ts';
import { profile } from './profile.ts';
import type { OperationProfile } from './types.ts';

/** One collective on one small cluster, as a benchmark would run it: what the validation cases measure. */

type DrawnNetwork = Parameters<typeof generateFabric>[0]['network'];

/** Eight planes, one plane of rails, or all NICs under one leaf. */
export type Design = 'MPFT' | 'MRFT' | 'one leaf';

/** Stages 3 and 4 for one operation on a fabric drawn for it. */
function run(
  context: Context,
  gpus: number,
  design: Design,
  operation: Operation,
  choice: ExpertChoice | null,
): OperationProfile {
  const node = nodeOf(context);
  const fabric = draw(context, gpus, networkOf(design, node));
  const layout = value(rankLayout(gpus, node.gpus));
  const shares = choice === null ? {} : { shares: expertSharing(choice) };
  const transfers = [transfersOf(operation, layout, { collective: 'ring', stageStride: gpus, ...shares })];
  const placed = value(
    place({
      fabric,
      layout,
      transfers,
      node,
      strategy: 'linear',
      hosts: null,
      dimensions: [],
      seed: context.seed,
    }),
  );
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

function draw(context: Context, gpus: number, choice: Partial<DrawnNetwork>): Fabric {
  const node = nodeOf(context);
  const network: DrawnNetwork = {
    kind: 'generated',
    topology: 'fat-tree',
    planes: 1,
    layers: 2,
    switch: { model: 'quantum-2-qm9700', ports: 64, portRate: node.nicRate },
    transport: 'infiniband',
    oversubscription: { leaf: 1, spine: 1 },
    nicPorts: 'per-nic',
    hostsPerLeaf: null,
    podEndpoints: null,
    cut: 0,
    ...choice,
  };
  return value(generateFabric({ network, node, gpus, seed: context.seed }));
}

function networkOf(design: Design, node: NodeShape): Partial<DrawnNetwork> {
  if (design === 'MPFT') return { topology: 'multi-plane-fat-tree', planes: node.nics };
  return design === 'MRFT' ? { topology: 'rail-optimized' } : {};
}

function nodeOf(context: Context): NodeShape {
  return ensure(context.catalog.find('node', 'hgx-h800'), 'node hgx-h800');
}

/** Latency between the far ends of a three-layer tree of several pods, over as many switches as routes really take. */
export function threeLayerLatency(context: Context): number {
  const gpus = 256;
  const portRate = nodeOf(context).nicRate;
  const fabric = draw(context, gpus, {
    layers: 3,
    switch: { model: 'quantum-2-qm9700', ports: 16, portRate },
  });
  return latency('infiniband', nextHops(fabric).switchHops(0, gpus - 1), context.catalog);
}

export const ALL_TO_ALL_BYTES = 16 * 1024 * 1024 * 1024;

export function allToAll(context: Context, gpus: number, design: Design): OperationProfile {
  return run(context, gpus, design, group('all-to-all', gpus, gpus, ALL_TO_ALL_BYTES, 'sender'), null);
}

/** Tensor groups of six on three nodes of eight: all but the first and the last lie on two nodes. */
export function tensorGroups(context: Context, design: Design): OperationProfile {
  return run(context, 24, design, group('all-gather', 6, 24, 1024, 'none'), null);
}

export type ExpertKind = 'dispatch' | 'combine';
const TOKENS_PER_GPU = 4096;

export function expertOperation(
  context: Context,
  gpus: number,
  kind: ExpertKind,
): { seconds: number; bound: string } {
  const bytesPerToken = tokenBytes(context, kind);
  const operation: Operation = {
    ...group(kind, gpus, gpus, TOKENS_PER_GPU * bytesPerToken, kind === 'dispatch' ? 'receiver' : 'sender'),
    tokens: { perRank: TOKENS_PER_GPU, bytesPerToken },
  };
  return modulo(run(context, gpus, 'MPFT', operation, choiceOf(context)));
}

/** DeepEP's convention: tokens x distinct nodes x bytes over time. */
export function expertBandwidth(context: Context, gpus: number, kind: ExpertKind): number {
  const layout = value(rankLayout(gpus, nodeOf(context).gpus));
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

/** Its time under destination-modulo tables. */
export function modulo(operation: OperationProfile): { seconds: number; bound: string } {
  return ensure(
    operation.times.find((t) => t.policy === 'modulo'),
    'time under destination-modulo',
  );
}

/** The value of a step that cannot fail here: the designs are fixed. */
function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('; '));
  return result.value;
}
