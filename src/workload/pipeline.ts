import { onTensorRank } from './architecture.ts';
import type { Job } from './job.ts';
import { groupsAlong } from './ranks.ts';
import type { Operation, StepPhase } from './types.ts';

/**
 * Pipeline parallelism: activations to the next stage and their gradients back, for every microbatch. Each
 * tensor rank sends its slice; without sequence parallelism the receivers gather the whole (Narayanan et al., arXiv
 * 2104.04473, section 4.1). With `virtualStages` v a microbatch passes every rank v times
 * (Narayanan et al., arXiv 2104.04473, section 2.2), so that the last sends v - 1 times to the first. With
 * DualPipe half of the microbatches enter at the last rank and go the other way.
 */
export function pipelineOperations(job: Job): Operation[] {
  const { pipeline, schedule, virtualStages } = job.parallelism;
  if (pipeline === 1) return [];
  const m = job.microbatches;
  if (schedule !== 'dualpipe') {
    const count = hops(pipeline, m * virtualStages, m * (virtualStages - 1));
    return [
      send(job, 'forward', 'next', count, ''),
      send(job, 'backward', 'previous', [...count].reverse(), ''),
      ...gathered(job, 'forward', [...count].reverse()),
      ...gathered(job, 'backward', count),
      ...tiedEmbedding(job),
    ];
  }
  const down = hops(pipeline, Math.ceil(m / 2), 0);
  const up = hops(pipeline, Math.floor(m / 2), 0).reverse();
  return [
    send(job, 'forward', 'next', down, ''),
    send(job, 'backward', 'previous', [...down].reverse(), ''),
    send(job, 'forward', 'previous', up, '-mirrored'),
    send(job, 'backward', 'next', [...up].reverse(), '-mirrored'),
  ];
}

/** Sends by stage for traffic to the next stage: every stage but the last, which wraps round. */
function hops(pipeline: number, each: number, wrapped: number): number[] {
  return Array.from({ length: pipeline }, (_, p) => (p < pipeline - 1 ? each : wrapped));
}

function send(
  job: Job,
  phase: Exclude<StepPhase, 'optimizer'>,
  direction: 'next' | 'previous',
  count: readonly number[],
  suffix: string,
): Operation {
  const what = phase === 'forward' ? 'activations' : 'activation gradients';
  return {
    id: `pipeline-${phase}${suffix}`,
    title: `${what} to the ${direction} pipeline rank`,
    kind: 'send',
    phase,
    dimension: 'pipeline',
    groups: groupsAlong(job.space, ['pipeline']),
    bytesPerRank: (job.tokens * job.model.hidden * job.widths.activation) / job.parallelism.tensor,
    count,
    overlaps: job.parallelism.schedule === 'gpipe' ? null : 'another microbatch',
    // NCCL passes through the GPU of the receiver's index (PXN) where the two differ.
    forwarding: 'sender',
    direction,
    ...(job.parallelism.virtualStages > 1 ? { wrap: true } : {}),
  };
}

/** The slices of what was received, on every tensor rank that works on whole activations. */
function gathered(job: Job, phase: Exclude<StepPhase, 'optimizer'>, count: readonly number[]): Operation[] {
  if (job.parallelism.tensor === 1 || job.parallelism.sequence) return [];
  return [
    {
      id: `pipeline-gather-${phase}`,
      title: 'slices of what the pipeline sent, gathered',
      kind: 'all-gather',
      phase,
      dimension: 'tensor',
      groups: groupsAlong(job.space, ['tensor']),
      bytesPerRank: job.tokens * job.model.hidden * job.widths.activation,
      count,
      overlaps: null,
      forwarding: 'none',
    },
  ];
}

/**
 * A table that both ends of the pipeline hold (tied to the head, or used by MTP modules): the two exchange its
 * gradient, which for two ranks is their all-reduce. DualPipe holds both copies on each of the two ranks.
 */
function tiedEmbedding(job: Job): Operation[] {
  if (!job.model.tiedEmbeddings && job.model.mtp === 0) return [];
  return [
    {
      id: 'embedding-gradients',
      title: 'gradient of the embedding, first and last stage',
      kind: 'send',
      phase: 'optimizer',
      dimension: 'embedding',
      groups: groupsAlong(job.space, ['pipeline']),
      bytesPerRank: onTensorRank(job.parts.embedding, job.parallelism.tensor) * job.widths.gradient,
      count: job.stages.embedding.map((n, p) => n + job.stages.head[p]!),
      overlaps: null,
      forwarding: 'sender',
      direction: 'mirror',
    },
  ];
}
