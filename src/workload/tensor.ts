import { type Job, withRecompute } from './job.ts';
import { groupsAlong } from './ranks.ts';
import { addScaled } from './stages.ts';
import type { Operation, StepPhase } from './types.ts';

type Reduction = 'all-gather' | 'reduce-scatter' | 'all-reduce';

/**
 * Tensor parallelism (Shoeybi et al., arXiv 1909.08053): attention and each FFN that is cut over the tensor ranks
 * sum their outputs, and in the backward pass the gradients of their inputs. An MoE layer has one such place for
 * attention and one for its shared experts; routed experts are dispatched instead. The embedding sums forward,
 * the head backward, the other way round they gather. With sequence parallelism (Korthikanti et al., arXiv
 * 2205.05198, section 4.2.2) every sum is a reduce-scatter and the matching gather an all-gather; the backward
 * pass gathers each input once more, since only its slice was kept.
 */
export function tensorOperations(job: Job): Operation[] {
  if (job.parallelism.tensor === 1) return [];
  const { stages, repeat } = job;
  const ffnPlaces = (job.model.experts?.shared ?? 0) > 0 ? 2 : 1;
  const layers = addScaled(2, stages.dense, ffnPlaces, stages.moe);
  // An MTP module looks tokens up and projects them again.
  const embedding = addScaled(1, stages.embedding, 1, stages.mtp);
  const head = addScaled(1, stages.head, 1, stages.mtp);
  const atInputs = repeat.perMicrobatch(addScaled(1, layers, 1, head));
  const atOutputs = repeat.perMicrobatch(addScaled(1, layers, 1, embedding));

  if (!job.parallelism.sequence) {
    return withRecompute(job, [
      operation(job, 'all-reduce', 'forward', atOutputs, null),
      operation(job, 'all-reduce', 'backward', atInputs, null),
    ]);
  }
  return [
    ...withRecompute(job, [
      operation(job, 'all-gather', 'forward', atInputs, null),
      operation(job, 'reduce-scatter', 'forward', atOutputs, null),
    ]),
    operation(job, 'all-gather', 'backward', atOutputs, null),
    operation(job, 'reduce-scatter', 'backward', atInputs, null),
    {
      ...operation(job, 'all-gather', 'backward', atInputs, 'gradients of the layer’s input'),
      id: 'tensor-all-gather-inputs',
      title: 'inputs gathered again for the gradients of weights',
    },
    ...replicatedGradients(job),
  ];
}

function operation(
  job: Job,
  kind: Reduction,
  phase: Exclude<StepPhase, 'optimizer'>,
  count: readonly number[],
  overlaps: string | null,
): Operation {
  return {
    id: `tensor-${kind}-${phase}`,
    title: phase === 'forward' ? 'activations of tensor ranks' : 'activation gradients of tensor ranks',
    kind,
    phase,
    dimension: 'tensor',
    groups: groupsAlong(job.space, ['tensor']),
    bytesPerRank: job.tokens * job.model.hidden * job.widths.activation,
    count,
    overlaps,
    forwarding: 'none',
  };
}

/**
 * With sequence parallelism each tensor rank has seen only its tokens, so gradients of what every rank holds
 * whole (norms, routers, MLA's down-projections) are summed over the tensor ranks, once a step.
 */
function replicatedGradients(job: Job): Operation[] {
  const { parts, stages, repeat, widths } = job;
  const kinds = [
    ['dense-layer', parts.denseLayer, stages.dense],
    ['moe-layer', parts.moeLayer, stages.moe],
  ] as const;
  return kinds.map(
    ([name, part, byStage]): Operation => ({
      id: `tensor-gradients-${name}`,
      title: `gradients that tensor ranks share, ${name.replace('-', ' ')}`,
      kind: 'all-reduce',
      phase: 'optimizer',
      dimension: 'tensor',
      groups: groupsAlong(job.space, ['tensor']),
      bytesPerRank: part.replicated * widths.gradient,
      count: repeat.perStep(byStage),
      overlaps: null,
      forwarding: 'none',
    }),
  );
}
