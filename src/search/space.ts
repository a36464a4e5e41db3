import type { Model } from '../catalog/types.ts';
import { expertGroupNodes } from '../spec/resolve.ts';
import type { Spec } from '../spec/types.ts';
import type { ParallelPlan } from './types.ts';

/** Tokens of a sequence that a context rank keeps at least: below that, rings wait for each other. */
const LEAST_CONTEXT_TOKENS = 2048;
/** Sequences a microbatch at most. */
const LARGEST_MICROBATCH = 8;
/** Ways to fill the cluster with replicas that are tried for a split: the fullest ones. */
const FILLINGS = 2;
/** Share of the GPUs that a plan must use. */
const LEAST_USE = 0.5;
/** Chunks a pipeline rank at most. */
const MOST_CHUNKS = 8;

const RECOMPUTE = ['none', 'selective', 'full'] as const;
/** Accumulated gradients stay whole between microbatches, so that ZeRO 2 saves nothing with more than one. */
const ZERO = [0, 1, 3] as const;
const ZERO_AT_ONCE = [0, 1, 2, 3] as const;

/**
 * Every plan that the spec's model, batch and cluster allow, in a fixed order. Tensor ranks stay inside the scale-up
 * domain; GPipe is left out, since 1F1B takes the same time with less memory, and so is tensor parallelism without
 * sequence parallelism; replicas fill the cluster as far as the batch divides. `within` leaves out whole parts of it.
 */
export function forEachPlan(
  spec: Spec,
  visit: (plan: ParallelPlan) => void,
  within: (part: Partial<ParallelPlan>) => boolean = () => true,
): void {
  const { model, training, cluster } = spec;
  const layers = model.layers + model.mtp;
  const pipelines = pipelineSizes(layers, spec.parallelism.pipeline);
  const microbatches = powersOfTwo(LARGEST_MICROBATCH);
  const replicas = microbatches.map((m) => (training.batch % m === 0 ? divisors(training.batch / m) : []));
  for (const tensor of tensorSizes(spec)) {
    for (const context of contextSizes(training.sequence)) {
      for (const pipeline of pipelines) {
        const others = tensor * context * pipeline;
        if (others > cluster.gpus) break;
        microbatches.forEach((microbatch, i) => {
          for (const data of fillings(spec, others, replicas[i]!)) {
            const degrees = { tensor, context, pipeline, microbatch, data };
            if (within(degrees)) forEachSplit(spec, degrees, visit);
          }
        });
      }
    }
  }
}

type Degrees = Pick<ParallelPlan, 'tensor' | 'context' | 'pipeline' | 'microbatch' | 'data'>;

/** Expert groups, schedules, recomputation and ZeRO of given degrees. */
function forEachSplit(spec: Spec, degrees: Degrees, visit: (plan: ParallelPlan) => void): void {
  const { model, training } = spec;
  const { tensor, context, pipeline, microbatch, data } = degrees;
  const microbatches = training.batch / (data * microbatch);
  const sequence = tensor > 1;
  const stages = microbatches === 1 ? ZERO_AT_ONCE : ZERO;
  for (const expert of expertSizes(model, tensor * data)) {
    for (const { schedule, virtualStages } of schedulesOf(model, pipeline, microbatches)) {
      for (const recompute of RECOMPUTE) {
        for (const zero of stages) {
          // Nothing to shard over: the replica is one.
          if (zero > 0 && data * context === 1) break;
          const plan = {
            tensor,
            pipeline,
            context,
            data,
            expert,
            microbatch,
            recompute,
            zero,
            schedule,
            virtualStages,
            sequence,
          };
          visit(plan);
          for (const shard of shardSizes(spec, plan)) visit({ ...plan, shard });
        }
      }
    }
  }
}

/** What the spec has in mind, and copies that a node holds, whose parameters never cross the network: with ZeRO 3 and no pipeline. */
function shardSizes(
  { cluster, parallelism }: Spec,
  { tensor, pipeline, context, data, expert, zero }: Omit<ParallelPlan, 'microbatch'>,
): number[] {
  if (zero === 0) return [];
  const own = parallelism.shard ?? data;
  return fitting(zero === 3 && pipeline === 1 ? [cluster.node.gpus / (tensor * context), own] : [own]);

  function fitting(sizes: readonly number[]): number[] {
    const fits = (s: number): boolean => s > 1 && s < data && data % s === 0 && (tensor * s) % expert === 0;
    return [...new Set(sizes)].filter(fits);
  }
}

function tensorSizes({ model, cluster }: Spec): number[] {
  return divisors(model.attention.heads).filter((t) => t <= cluster.node.gpus && cluster.node.gpus % t === 0);
}

function contextSizes(sequence: number): number[] {
  return powersOfTwo(Math.max(1, sequence / LEAST_CONTEXT_TOKENS)).filter(
    (c) => c === 1 || sequence % (2 * c) === 0,
  );
}

/**
 * Depths that can be best: the shallowest for each number of layers of the fullest stage, divisors of the layers,
 * powers of two (what clusters divide by), and the spec's own.
 */
function pipelineSizes(layers: number, own: number): number[] {
  const sizes = new Set<number>([...divisors(layers), ...powersOfTwo(layers)]);
  for (let most = 1; most <= layers; most++) sizes.add(Math.ceil(layers / most));
  if (own <= layers) sizes.add(own);
  return [...sizes].sort((a, b) => a - b);
}

/** The largest numbers of replicas that the GPUs hold, the batch divides into and whole servers are filled by. */
function fillings({ cluster }: Spec, others: number, replicas: readonly number[]): number[] {
  const most = cluster.gpus / others;
  const found: number[] = [];
  for (let i = replicas.length - 1; i >= 0 && found.length < FILLINGS; i--) {
    const data = replicas[i]!;
    if (data < LEAST_USE * most) break;
    if (data <= most && (others * data) % cluster.node.gpus === 0) found.push(data);
  }
  return found;
}

function expertSizes(model: Model, ranks: number): number[] {
  const routed = model.experts?.routed;
  return routed === undefined ? [1] : divisors(routed).filter((e) => ranks % e === 0);
}

function schedulesOf(
  model: Model,
  pipeline: number,
  microbatches: number,
): Pick<ParallelPlan, 'schedule' | 'virtualStages'>[] {
  const plain = { schedule: '1f1b', virtualStages: 1 } as const;
  if (pipeline === 1) return [plain];
  const list: Pick<ParallelPlan, 'schedule' | 'virtualStages'>[] = [
    plain,
    { schedule: 'zero-bubble', virtualStages: 1 },
  ];
  if (pipeline % 2 === 0 && microbatches % 2 === 0 && microbatches >= 2 * pipeline) {
    list.push({ schedule: 'dualpipe', virtualStages: 1 });
  }
  if (microbatches % pipeline !== 0) return list;
  const layers = model.layers + model.mtp;
  const most = Math.min(MOST_CHUNKS, Math.floor(layers / pipeline));
  for (let v = 2; v <= most; v++) {
    // More chunks without fewer layers in the fullest one only send more.
    if (v === 2 || Math.ceil(layers / (pipeline * v)) < Math.ceil(layers / (pipeline * (v - 1)))) {
      list.push({ schedule: 'interleaved', virtualStages: v });
    }
  }
  return list;
}

/** GPUs that a plan uses. */
export function gpusOf(plan: ParallelPlan): number {
  return plan.tensor * plan.pipeline * plan.context * plan.data;
}

/** The spec with the plan in it. A limit of servers a token is kept where it means something. */
export function withPlan(spec: Spec, plan: ParallelPlan): Spec {
  const { microbatch, recompute, tensor, pipeline, context, data, expert, zero, schedule } = plan;
  const { virtualStages, sequence, shard } = plan;
  const { order, overlap } = spec.parallelism;
  const parallelism = {
    tensor,
    pipeline,
    expert,
    data,
    context,
    sequence,
    zero,
    ...(shard === undefined ? {} : { shard }),
    schedule,
    virtualStages,
    overlap,
    order,
  };
  return {
    ...spec,
    training: { ...spec.training, microbatch, recompute },
    parallelism,
    traffic: { ...spec.traffic, nodeLimit: nodeLimitFor(spec, parallelism) },
    cluster: { ...spec.cluster, gpus: gpusOf(plan), placement: placement(spec, plan) },
    ...(gpusOf(plan) === spec.cluster.gpus ? {} : { facility: { ...spec.facility, stages: [gpusOf(plan)] } }),
  };
}

/** The spec's own plan. */
export function planOf({ training, parallelism: p }: Spec): ParallelPlan {
  const { tensor, pipeline, context, data, expert, zero, shard, schedule, virtualStages, sequence } = p;
  const { microbatch, recompute } = training;
  return {
    tensor,
    pipeline,
    context,
    data,
    expert,
    microbatch,
    recompute,
    zero,
    ...(shard === undefined ? {} : { shard }),
    schedule,
    virtualStages,
    sequence,
  };
}

/** A limit as the model was trained with; null where the group spans no more servers than that. */
export function nodeLimitFor(spec: Spec, parallelism: Spec['parallelism']): number | null {
  const trained = spec.traffic.nodeLimit ?? spec.model.experts?.nodeLimit ?? null;
  if (trained === null || spec.model.experts === undefined) return null;
  const nodes = expertGroupNodes(parallelism, spec.cluster.node);
  const { active, routed } = spec.model.experts;
  const limit = Math.max(trained, Math.ceil((active * nodes) / routed));
  return limit < nodes ? limit : null;
}

/** A map of ranks belongs to the plan it was made for. */
function placement(spec: Spec, plan: ParallelPlan): Spec['cluster']['placement'] {
  const { placement: own } = spec.cluster;
  const same = own === 'linear' || own === 'auto' || JSON.stringify(plan) === JSON.stringify(planOf(spec));
  return same ? own : 'auto';
}

/** Ascending. O(sqrt n). */
function divisors(n: number): number[] {
  const low: number[] = [];
  for (let d = 1; d * d <= n; d++) if (n % d === 0) low.push(d);
  const high = low.map((d) => n / d).reverse();
  return [...low, ...high.filter((d) => d * d > n)];
}

function powersOfTwo(most: number): number[] {
  const list: number[] = [];
  for (let x = 1; x <= most; x *= 2) list.push(x);
  return list;
}
