import type { Catalog } from '../catalog/types.ts';
import type { Plan } from '../plan/types.ts';
import type { Spec } from '../spec/types.ts';
import { flopsPerToken } from '../workload/architecture.ts';
import { computeOptimal } from './loss.ts';
import type { ScaleResult } from './types.ts';

const SECONDS_A_DAY = 86_400;

/** What a planned job achieves, and the model that `days` of it would train best. */
export function scaleResult(spec: Spec, plan: Plan, days: number, catalog: Catalog): ScaleResult {
  const { step, risk, economy } = plan;
  if (step === undefined) throw new Error('a plan without a step cannot be scaled');
  const { training, cluster, model } = spec;
  const tokensPerSecond = (training.batch * training.sequence) / step.seconds;
  const ettr = risk?.ettr ?? null;
  const effective = tokensPerSecond * (ettr ?? 1);
  const flops = flopsPerToken(model, training.sequence).causal * effective * days * SECONDS_A_DAY;
  return {
    stepSeconds: step.seconds,
    runSeconds: training.tokens / effective,
    tokensPerSecond,
    tokensPerSecondPerGpu: tokensPerSecond / cluster.gpus,
    mfu: step.mfu,
    ettr,
    usdPerToken: economy?.run?.perToken ?? null,
    parts: parts(step.breakdown),
    reach: computeOptimal(flops, catalog),
  };
}

function parts(b: NonNullable<Plan['step']>['breakdown']): Record<string, number> {
  const named: Record<string, number> = {
    compute: b.forward + b.backward + b.weightGradient + b.recompute,
    bubble: b.bubble,
    optimizer: b.optimizer,
  };
  const exposed = { ...b.exposed, data: (b.exposed['data'] ?? 0) + b.dataTail };
  for (const [dimension, seconds] of Object.entries(exposed)) if (seconds > 0) named[dimension] = seconds;
  return named;
}
