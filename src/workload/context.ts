import { keyValueWidth } from './architecture.ts';
import { type Job, withRecompute } from './job.ts';
import { groupsAlong } from './ranks.ts';
import { addScaled } from './stages.ts';
import type { Operation } from './types.ts';

/**
 * Context parallelism: each rank has a part of the sequence and needs the keys and values of all of it, once a
 * layer. Said as collectives (Llama 3, arXiv 2407.21783, section 3.3.2): all-gather forward, all-gather again and
 * reduce-scatter of their gradients backward. Ring attention's point-to-point exchange (Liu et al., arXiv
 * 2310.01889) moves the same bytes between the same neighbours when these run as rings. MLA exchanges its latent,
 * which is smaller than the keys and values made of it.
 */
export function contextOperations(job: Job): Operation[] {
  const { context, tensor } = job.parallelism;
  if (context === 1) return [];
  const { model, stages, repeat, widths } = job;
  const wholeSequence = job.tokens * context;
  const shared = {
    dimension: 'context',
    groups: groupsAlong(job.space, ['context']),
    bytesPerRank: wholeSequence * keyValueWidth(model, tensor) * widths.activation,
    count: repeat.perMicrobatch(addScaled(1, stages.dense, 1, stages.moe)),
    overlaps: 'attention',
    forwarding: 'none',
  } as const;
  return withRecompute(job, [
    {
      id: 'context-all-gather-forward',
      title: 'keys and values of context ranks',
      kind: 'all-gather',
      phase: 'forward',
      ...shared,
    },
    {
      id: 'context-all-gather-backward',
      title: 'keys and values of context ranks, again',
      kind: 'all-gather',
      phase: 'backward',
      ...shared,
    },
    {
      id: 'context-reduce-scatter-backward',
      title: 'gradients of keys and values',
      kind: 'reduce-scatter',
      phase: 'backward',
      ...shared,
    },
  ]);
}
