import { type Job, withRecompute } from './job.ts';
import type { Operation } from './types.ts';

/**
 * Expert parallelism: every MoE layer dispatches each token to the ranks of its experts and combines their
 * outputs, and the backward pass does both again for the gradients: dispatch is the backward of combine and
 * combine that of dispatch. Both dispatches, of activations and of activation gradients, go in the training
 * precision, both combines in BF16 (DeepSeek-V3, arXiv 2412.19437, section 3.3.3, low-precision communication).
 * Dispatch changes GPUs at the receiver and combine, its reverse, at the sender (DeepEP's normal kernels). With
 * sequence parallelism the tensor ranks dispatch different tokens.
 */
export function expertOperations(job: Job): Operation[] {
  if (job.expertGroups === null) return [];
  const { widths, model, training, parallelism, stages, repeat } = job;
  const perRank = job.tokens / parallelism.tensor;
  const combinedToken = model.hidden * widths.activation;
  const count = repeat.perMicrobatch(stages.moe);
  const overlaps = parallelism.schedule === 'dualpipe' ? 'a microbatch of the other direction' : null;
  const shared = { dimension: 'expert', groups: job.expertGroups.groups, count, overlaps } as const;

  const one = (kind: 'dispatch' | 'combine', phase: 'forward' | 'backward', title: string): Operation => {
    const bytesPerToken = kind === 'dispatch' ? widths.dispatchedToken : combinedToken;
    return {
      id: `expert-${kind}-${phase}`,
      title,
      kind,
      phase,
      ...shared,
      bytesPerRank: perRank * bytesPerToken,
      tokens: { perRank, bytesPerToken },
      forwarding: kind === 'dispatch' ? 'receiver' : 'sender',
    };
  };
  const coded = training.precision.toUpperCase();
  return withRecompute(job, [
    one('dispatch', 'forward', `tokens to their experts (${coded})`),
    one('combine', 'forward', 'expert outputs back (BF16)'),
    one('dispatch', 'backward', `output gradients to the experts (${coded})`),
    one('combine', 'backward', 'input gradients back (BF16)'),
  ]);
}
