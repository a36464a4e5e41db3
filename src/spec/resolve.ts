import type { Gpu, Model, NodeShape } from '../catalog/types.ts';
import { resolveFacility } from './facility.ts';
import { resolveModel } from './model.ts';
import { resolveGenerated, resolveImported } from './network.ts';
import { resolveReliability } from './reliability.ts';
import type { Resolver } from './resolver.ts';
import type { RawNetwork, RawParallelism, RawSpec, RawTraffic, RawTraining } from './schema.ts';
import type { Cluster, Dimension, Parallelism, Reliability, Spec, TrafficSpec, Training } from './types.ts';

/** A spec in the making: what could not be found is undefined, and has been reported. */
export interface Draft extends Omit<Spec, 'model' | 'cluster' | 'reliability' | 'expect' | 'defaults'> {
  readonly model: Model | undefined;
  readonly reliability: Reliability | undefined;
  readonly cluster: Omit<Cluster, 'node' | 'gpu' | 'gpus'> & {
    readonly node: NodeShape | undefined;
    readonly gpu: Gpu | undefined;
    readonly gpus: number | undefined;
  };
}

const ORDER: readonly Dimension[] = ['tensor', 'context', 'data', 'pipeline'];

/** Looks up names, reads the files a spec names and fills in every default, each noted with its reason. */
export function resolveSpec(raw: RawSpec, r: Resolver, overrides: { readonly seed?: number } = {}): Draft {
  const model = raw.model === undefined ? undefined : resolveModel(raw.model, r);
  const node =
    raw.cluster?.node === undefined ? undefined : r.lookup('node', raw.cluster.node, ['cluster', 'node']);
  const gpus = raw.cluster?.gpus;
  const parallelism = resolveParallelism(raw.parallelism ?? {}, model, gpus, r);
  return {
    name: r.take(
      'name',
      raw.name,
      model === undefined ? 'a plan' : `${model.name} on ${gpus ?? 0} GPUs`,
      'the model and the GPUs',
    ),
    seed: overrides.seed ?? r.take('seed', raw.seed, 1, 'any number will do'),
    model,
    training: resolveTraining(raw.training ?? {}, parallelism, r),
    parallelism,
    traffic: resolveTraffic(raw.traffic ?? {}, model, expertGroupNodes(parallelism, node), r),
    cluster: {
      node,
      gpu: node === undefined ? undefined : r.catalog.find('gpu', node.gpu),
      gpus,
      ...resolveCluster(raw, node, r),
    },
    routing: {
      strategy: r.take(
        'routing.strategy',
        raw.routing?.strategy,
        'hybrid',
        'pin what is hot, leave the rest',
      ),
      hotPaths: r.take('routing.hotPaths', raw.routing?.hotPaths, 64, 'few enough for any switch'),
    },
    facility: resolveFacility(raw.facility ?? {}, gpus, node, r),
    reliability: resolveReliability(raw.reliability ?? {}, r),
  };
}

function resolveParallelism(
  raw: RawParallelism,
  model: Model | undefined,
  gpus: number | undefined,
  r: Resolver,
): Parallelism {
  const at = (key: string) => `parallelism.${key}`;
  const tensor = r.take(at('tensor'), raw.tensor, 1, 'no tensor parallelism');
  const pipeline = r.take(at('pipeline'), raw.pipeline, 1, 'no pipeline');
  const context = r.take(at('context'), raw.context, 1, 'no context parallelism');
  const rest = Math.max(1, Math.floor((gpus ?? 1) / (tensor * pipeline * context)));
  const data = r.take(at('data'), raw.data === 'auto' ? undefined : raw.data, rest, 'what the GPUs leave');
  const schedule = r.take(at('schedule'), raw.schedule, '1f1b', 'the common schedule');
  return {
    tensor,
    pipeline,
    expert: expertRanks(raw, model, data * tensor, r),
    data,
    context,
    sequence: r.take(at('sequence'), raw.sequence, tensor > 1, 'goes with tensor parallelism'),
    zero: r.take(at('zero'), raw.zero, 1, 'shards the optimizer, at no cost in bytes') as Parallelism['zero'],
    // All of them sharing is what it means to say nothing.
    ...(raw.shard === undefined || raw.shard === data ? {} : { shard: raw.shard }),
    schedule,
    virtualStages:
      schedule === 'interleaved'
        ? r.take(at('virtualStages'), raw.virtualStages, 2, 'halves the bubble')
        : (raw.virtualStages ?? 1),
    overlap: r.take(at('overlap'), raw.overlap, 'data', 'what frameworks do by default'),
    order: r.take(at('order'), raw.order, ORDER, 'the most talkative dimensions nearest'),
  };
}

/** The largest group that both the experts and the ranks divide into, up to the 64 of published trainings. */
function expertRanks(raw: RawParallelism, model: Model | undefined, ranks: number, r: Resolver): number {
  if (raw.expert !== undefined) return raw.expert;
  const routed = model?.experts?.routed;
  if (routed === undefined) return 1;
  let group = 1;
  for (let g = 2; g <= 64; g++) if (routed % g === 0 && ranks % g === 0) group = g;
  r.note('parallelism.expert', group, 'the largest group up to 64 that divides experts and ranks');
  return group;
}

/** Servers that the first expert group covers: its ranks are the first over tensor and data, in rank order. */
export function expertGroupNodes(p: Parallelism, node: NodeShape | undefined): number {
  const stride: Record<Dimension, number> = { tensor: 1, context: 1, data: 1, pipeline: 1 };
  let product = 1;
  for (const dimension of p.order) {
    stride[dimension] = product;
    product *= p[dimension];
  }
  const members = Math.min(p.expert, p.tensor * p.data, 100_000);
  const inner: Dimension = p.order.indexOf('tensor') < p.order.indexOf('data') ? 'tensor' : 'data';
  const outer: Dimension = inner === 'tensor' ? 'data' : 'tensor';
  const nodes = new Set<number>();
  for (let m = 0; m < members; m++) {
    const rank = (m % p[inner]) * stride[inner] + Math.floor(m / p[inner]) * stride[outer];
    nodes.add(Math.floor(rank / (node?.gpus ?? 8)));
  }
  return nodes.size;
}

function resolveTraining(raw: RawTraining, p: Parallelism, r: Resolver): Training {
  const at = (key: string) => `training.${key}`;
  const microbatch = r.take(at('microbatch'), raw.microbatch, 1, 'the least memory');
  const steady = p.data * microbatch * Math.max(1, 4 * p.pipeline);
  return {
    tokens: r.take(
      at('tokens'),
      raw.tokens,
      1e12, // literal: a default of the spec, listed as such
      'a round number; only the length of the run depends on it',
    ),
    sequence: r.take(at('sequence'), raw.sequence, 4096, 'a common length in pre-training'),
    batch: r.take(
      at('batch'),
      raw.batch,
      steady,
      'four microbatches a stage and replica: a bubble below a quarter',
    ),
    microbatch,
    precision: r.take(at('precision'), raw.precision, 'bf16', 'what every GPU of the catalog has'),
    recompute: r.take(at('recompute'), raw.recompute, 'selective', 'most of the memory for little time'),
    attention: r.take(at('attention'), raw.attention, 'fused', 'what every framework does by now'),
    loss: r.take(at('loss'), raw.loss, 'fused', 'what most frameworks do by now'),
    launch: r.take(at('launch'), raw.launch, 'eager', 'what works with any shapes'),
    ...(raw.padding === undefined ? {} : { padding: raw.padding }),
  };
}

function resolveTraffic(
  raw: RawTraffic,
  model: Model | undefined,
  groupNodes: number,
  r: Resolver,
): TrafficSpec {
  const trained = model?.experts?.nodeLimit;
  const limit = trained !== undefined && trained < groupNodes ? trained : null;
  if (raw.nodeLimit === undefined && limit !== null)
    r.note('traffic.nodeLimit', limit, 'as the model was trained');
  if (raw.experts === undefined && model?.experts !== undefined)
    r.note('traffic.experts', 'uniform', 'balanced experts');
  return {
    experts: raw.experts ?? { kind: 'uniform' },
    nodeLimit: raw.nodeLimit === undefined ? limit : raw.nodeLimit,
    ecmpSeeds: r.take('traffic.ecmpSeeds', raw.ecmpSeeds, 16, 'enough for a median'),
    queuePairs: r.take('traffic.queuePairs', raw.queuePairs, 1, 'what NCCL opens a connection'),
    collective: r.take('traffic.collective', raw.collective, 'auto', 'the faster one by size and group'),
  };
}

function resolveCluster(
  raw: RawSpec,
  node: NodeShape | undefined,
  r: Resolver,
): Pick<Cluster, 'network' | 'placement'> {
  const given = raw.cluster?.network ?? {};
  if ('import' in given) {
    const { network, rankMap } = resolveImported(given, r);
    const placement = rankMap ?? raw.cluster?.placement;
    if (rankMap !== undefined && raw.cluster?.placement !== undefined) {
      r.report({
        code: 'conflict',
        path: ['cluster', 'placement'],
        message: 'network.rankMap already says where the ranks are',
      });
    }
    return { network, placement: r.take('cluster.placement', placement, 'auto', HEAVY) };
  }
  const network = resolveGenerated(given as RawNetwork, node, r);
  return { network, placement: r.take('cluster.placement', raw.cluster?.placement, 'auto', HEAVY) };
}

const HEAVY = 'heavy groups go under one leaf';
