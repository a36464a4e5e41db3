import { ensure } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { prepareStep } from '../step/evaluator.ts';
import { deepseekTrial, prepareTrial } from '../step/trials.ts';

/**
 * Seconds of the first pipeline rank of DeepSeek-V3's step by kind of pass, as its table parts them: forward,
 * backward and weight gradients alone, the pairs, the optimizer with what follows it, and the rest: bubble.
 */
export function deepseekPhases(catalog: Catalog): Record<string, number> {
  const trial = deepseekTrial(catalog);
  const { training, parallelism } = trial;
  const { table } = prepareTrial(trial, catalog);
  const gpu = ensure(catalog.find('gpu', 'h800'), 'GPU h800');
  const evaluator = prepareStep(trial.model, gpu, catalog);
  const phases: Record<string, number> = { forward: 0, backward: 0, weight: 0, both: 0 };
  evaluator.observe({ training, parallelism }, table, (rank, pass, _microbatch, _chunk, _start, seconds) => {
    if (rank === 0) phases[pass]! += seconds;
  });
  const { seconds, breakdown } = evaluator.evaluate({ training, parallelism }, table);
  const passes = phases['forward']! + phases['backward']! + phases['weight']! + phases['both']!;
  const after = breakdown.optimizer + Math.max(...table.gather) + Math.max(...table.tail);
  return { ...phases, bubble: seconds - passes - after };
}
