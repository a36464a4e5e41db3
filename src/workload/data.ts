import { onTensorRank } from './architecture.ts';
import { groupSize } from './groups.ts';
import type { Job } from './job.ts';
import { groupsAlong, type Replicas, replicasAlong } from './ranks.ts';
import type { Operation } from './types.ts';

/** A piece of a stage whose gradients and parameters travel together: one layer of a kind, or a table. */
interface Bucket {
  readonly name: string;
  readonly dimension: 'data' | 'expert-data';
  readonly replicas: Replicas;
  /** Parameters on one rank. */
  readonly parameters: number;
  /** How many of them by stage. */
  readonly byStage: readonly number[];
}

/**
 * Data parallelism with ZeRO (Rajbhandari et al., arXiv 1910.02054): stage 0 all-reduces gradients; 1 and 2
 * reduce-scatter them and gather the updated parameters, once a step; 3 gathers parameters for every microbatch
 * forward and backward and reduce-scatters its gradients, as FSDP does (Zhao et al., arXiv 2304.11277). Where several
 * copies are kept, the ranks that hold the same part of each all-reduce it after every reduce-scatter. One operation
 * for each kind of layer, so that stages differ by count only. Dense parameters are replicated over data and context
 * ranks; routed experts over the ranks that hold the same ones.
 */
export function dataOperations(job: Job): Operation[] {
  const operations: Operation[] = [];
  for (const bucket of buckets(job)) {
    operations.push(...synchronise(job, bucket));
    if (job.parallelism.schedule === 'dualpipe') operations.push(mirrorCopies(job, bucket));
  }
  return operations;
}

function buckets(job: Job): Bucket[] {
  const { parts, stages, model, parallelism, expertGroups, sharding } = job;
  const { tensor, expert } = parallelism;
  const dense = replicasAlong(job.space, ['context'], sharding.ranks);
  const experts = (parts.expert.sliced * (model.experts?.routed ?? 0)) / expert;
  const all: Bucket[] = [
    { name: 'dense-layers', parameters: onTensorRank(parts.denseLayer, tensor), byStage: stages.dense },
    { name: 'moe-layers', parameters: onTensorRank(parts.moeLayer, tensor), byStage: stages.moe },
    { name: 'embedding', parameters: onTensorRank(parts.embedding, tensor), byStage: stages.embedding },
    { name: 'head', parameters: onTensorRank(parts.head, tensor), byStage: stages.head },
    { name: 'mtp', parameters: onTensorRank(parts.mtpExtra, tensor), byStage: stages.mtp },
  ].map((b) => ({ ...b, dimension: 'data', replicas: dense }));
  all.push({
    name: 'experts',
    dimension: 'expert-data',
    // An expert that lives on one rank only has a replica on each tensor rank too.
    replicas: expertGroups?.replicas ?? replicasAlong(job.space, ['tensor', 'context'], sharding.ranks),
    parameters: experts,
    byStage: stages.moe,
  });
  return all;
}

function synchronise(job: Job, bucket: Bucket): Operation[] {
  const { repeat, widths } = job;
  const { zero } = job.sharding;
  const { shard, copies } = bucket.replicas;
  const perStep = repeat.perStep(bucket.byStage);
  const gradients = bucket.parameters * widths.gradient;
  const parameters = bucket.parameters * widths.parameter;
  const base = { dimension: bucket.dimension, groups: shard, forwarding: 'none' } as const;
  const name = bucket.name.replace('-', ' ');
  const reduce = (kind: 'all-reduce' | 'reduce-scatter', count: readonly number[]): Operation => ({
    id: `data-${kind}-${bucket.name}`,
    title: `gradients, ${name}`,
    kind,
    phase: 'backward',
    ...base,
    bytesPerRank: gradients,
    count,
    overlaps: 'backward of earlier layers',
  });
  const between = (count: readonly number[]): Operation => ({
    ...reduce('all-reduce', count),
    title: `gradients of the copies, ${name}`,
    groups: copies,
    bytesPerRank: gradients / groupSize(shard),
  });
  const gather = (
    phase: Operation['phase'],
    count: readonly number[],
    overlaps: string | null,
  ): Operation => ({
    id: `data-all-gather-${bucket.name}${phase === 'optimizer' ? '' : `-${phase}`}`,
    title: `parameters, ${name}`,
    kind: 'all-gather',
    phase,
    ...base,
    bytesPerRank: parameters,
    count,
    overlaps,
  });
  if (zero === 0) return [reduce('all-reduce', perStep)];
  if (zero < 3) {
    return [reduce('reduce-scatter', perStep), between(perStep), gather('optimizer', perStep, null)];
  }
  const every = repeat.perMicrobatch(bucket.byStage);
  return [
    gather('forward', every, 'forward of earlier layers'),
    gather('backward', every, 'backward of later layers'),
    reduce('reduce-scatter', every),
    between(every),
  ];
}

/**
 * DualPipe keeps every stage twice, at mirrored pipeline ranks, whose gradients must be added: each sends the
 * other its part, the whole gradient (ZeRO 0) or the shard it owns.
 */
function mirrorCopies(job: Job, bucket: Bucket): Operation {
  const shards = job.sharding.zero === 0 ? 1 : groupSize(bucket.replicas.shard);
  return {
    id: `dualpipe-gradients-${bucket.name}`,
    title: `gradients of the two copies, ${bucket.name.replace('-', ' ')}`,
    kind: 'send',
    phase: 'optimizer',
    dimension: bucket.dimension,
    groups: groupsAlong(job.space, ['pipeline']),
    bytesPerRank: (bucket.parameters * job.widths.gradient) / shards,
    count: job.repeat.perStep(bucket.byStage),
    overlaps: null,
    forwarding: 'sender',
    direction: 'mirror',
  };
}
