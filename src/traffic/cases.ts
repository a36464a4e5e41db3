import type { Context } from '../base/context.ts';
import { ensure } from '../base/result.ts';
import type { Catalog, Model, Published } from '../catalog/types.ts';
import type { ValidationCase } from '../validate/types.ts';
import { widths } from '../workload/job.ts';
import type { Operation } from '../workload/types.ts';
import { type ExpertChoice, expertShares, expertSharing } from './experts.ts';
import { rankLayout } from './layout.ts';
import { type GroupShape, groupShape } from './shapes.ts';
import { transfersOf } from './transfers.ts';
import { type ExpertShares, type RankLayout, Via } from './types.ts';

/** Node-limited expert traffic: how many nodes and GPUs a token reaches, and the bytes that makes. */
export function trafficCases(catalog: Catalog): readonly ValidationCase[] {
  const published = catalog.published('NLR');
  return [...reachCases(published), ...byteCases(published)];
}

const GPUS_PER_NODE = 8;
const SIZES = [16, 32, 64, 128] as const;
const TOKENS = 4096;
/** The published figures are samples themselves, of 20,000 tokens, printed with two or three digits. */
const TOLERANCE = 0.01;
const MEGA = 1000 * 1000;

interface NodeLimited {
  readonly E_distinct_nodes_per_token: Readonly<Record<string, number>>;
  readonly E_distinct_gpus_per_token: Readonly<Record<string, number>>;
  readonly bytes_per_token_dispatch_fp8: number;
  readonly bytes_per_token_combine_bf16: number;
  readonly EP64_4096tok_MB: {
    readonly dispatch_logical: number;
    readonly dispatch_wire: number;
    readonly combine_logical: number;
  };
}

function reachCases(published: Published): ValidationCase[] {
  const figures = published.value as NodeLimited;
  return SIZES.flatMap((size) => {
    const common = { kind: 'prediction', source: published.source, tolerance: TOLERANCE } as const;
    return [
      {
        ...common,
        id: `NLR.nodes.ep${size}`,
        title: `nodes that a token reaches, ${size} GPUs, at most 4`,
        published: ensure(figures.E_distinct_nodes_per_token[`EP${size}`], `nodes at EP${size}`),
        unit: 'nodes',
        compute: (context) => sum(sharesOf(context, size).node),
      },
      {
        ...common,
        id: `NLR.gpus.ep${size}`,
        title: `GPUs that a token reaches, ${size} GPUs`,
        published: ensure(figures.E_distinct_gpus_per_token[`EP${size}`], `GPUs at EP${size}`),
        unit: 'GPUs',
        compute: (context) => sum(sharesOf(context, size).rank),
      },
    ];
  });
}

function byteCases(published: Published): ValidationCase[] {
  const figures = published.value as NodeLimited;
  const megabytes = figures.EP64_4096tok_MB;
  const common = { kind: 'prediction', unit: 'MB', source: published.source, tolerance: TOLERANCE } as const;
  const exact = { kind: 'arithmetic', unit: 'B', source: published.source, tolerance: 0 } as const;
  return [
    {
      ...exact,
      id: 'NLR.token.dispatch',
      title: 'bytes of a dispatched token, FP8 and scales',
      published: figures.bytes_per_token_dispatch_fp8,
      compute: (context) => widths(deepseek(context), 'fp8', context.catalog).dispatchedToken,
    },
    {
      ...exact,
      id: 'NLR.token.combine',
      title: 'bytes of a combined token, BF16',
      published: figures.bytes_per_token_combine_bf16,
      compute: (context) => combinedToken(context),
    },
    {
      ...common,
      id: 'NLR.dispatch.wire',
      title: 'dispatch of 4,096 tokens among 64 GPUs, over a NIC',
      published: megabytes.dispatch_wire,
      compute: (context) => networkBytes(context, 'dispatch') / MEGA,
    },
    {
      ...common,
      id: 'NLR.dispatch.logical',
      title: 'the same with the copy for the own node, as DeepEP counts',
      published: megabytes.dispatch_logical,
      compute: (context) => withOwnNode(networkBytes(context, 'dispatch')) / MEGA,
    },
    {
      ...common,
      id: 'NLR.combine.logical',
      title: 'combine of 4,096 tokens, the own node included',
      published: megabytes.combine_logical,
      compute: (context) => withOwnNode(networkBytes(context, 'combine')) / MEGA,
    },
  ];
}

function deepseek(context: Context): Model {
  return ensure(context.catalog.find('model', 'deepseek-v3'), 'model deepseek-v3');
}

function combinedToken(context: Context): number {
  const model = deepseek(context);
  return model.hidden * widths(model, 'fp8', context.catalog).activation;
}

function choiceOf(context: Context): ExpertChoice {
  const experts = ensure(deepseek(context).experts, 'experts of deepseek-v3');
  const { max_nodes } = context.catalog.published('V3').value as { readonly max_nodes: number };
  return { ...experts, popularity: { kind: 'uniform' }, nodeLimit: max_nodes, seed: context.seed };
}

function sharesOf(context: Context, size: number): ExpertShares {
  return expertShares(choiceOf(context), 0, oneGroup(size).shape);
}

/** One expert group on whole nodes. */
function oneGroup(size: number): { layout: RankLayout; shape: GroupShape } {
  const layout = rankLayout(size, GPUS_PER_NODE);
  if (!layout.ok) throw new Error(`no layout of ${size} ranks`);
  const members = Int32Array.from({ length: size }, (_, i) => i);
  return { layout: layout.value, shape: groupShape(members, layout.value) };
}

/** Bytes that each of 64 GPUs sends through its NIC. */
function networkBytes(context: Context, kind: 'dispatch' | 'combine'): number {
  const size = 64;
  const { dispatchedToken } = widths(deepseek(context), 'fp8', context.catalog);
  const bytesPerToken = kind === 'dispatch' ? dispatchedToken : combinedToken(context);
  const operation: Operation = {
    id: kind,
    title: kind,
    kind,
    phase: 'forward',
    dimension: 'expert',
    groups: { inner: [{ size, stride: 1 }], outer: [] },
    bytesPerRank: TOKENS * bytesPerToken,
    tokens: { perRank: TOKENS, bytesPerToken },
    count: [1],
    overlaps: null,
    forwarding: kind === 'dispatch' ? 'receiver' : 'sender',
  };
  const shares = expertSharing(choiceOf(context));
  const { layout } = oneGroup(size);
  const transfers = transfersOf(operation, layout, { collective: 'auto', stageStride: size, shares });
  let bytes = 0;
  for (let k = 0; k < transfers.count; k++)
    if (transfers.via[k] === Via.network) bytes += transfers.bytes[k]!;
  return bytes / size;
}

/** N nodes: a copy for the own node is one in N. */
function withOwnNode(bytes: number): number {
  const nodes = 64 / GPUS_PER_NODE;
  return (bytes * nodes) / (nodes - 1);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const v of values) total += v;
  return total;
}
