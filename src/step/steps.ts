import type { Training } from '../spec/types.ts';

/** Tokens of the run that one step learns from: padding is computed, but nothing is learnt from it. */
export function tokensOfStep({ batch, sequence, padding = 0 }: Training): number {
  return batch * sequence * (1 - padding);
}

/** Steps of the whole run. */
export function stepsOfRun(training: Training): number {
  return Math.ceil(training.tokens / tokensOfStep(training));
}
