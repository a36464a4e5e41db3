import type { Model } from '../catalog/types.ts';
import type { Parallelism, Training } from '../spec/types.ts';

/** What to change where a plan does not fit, nearest remedy first. */
export function fitAdvice(
  _model: Model,
  training: Training,
  p: Parallelism,
  most: number,
  capacity: number,
): string[] {
  const over = ((100 * (most - capacity)) / capacity).toFixed(0);
  const remedies: string[] = [];
  if (training.microbatch > 1) remedies.push(`a smaller microbatch than ${training.microbatch}`);
  if (training.recompute !== 'full')
    remedies.push(`recompute: ${training.recompute === 'none' ? 'selective' : 'full'}`);
  if (p.shard !== undefined) remedies.push(`shard: ${p.data}`);
  if (p.zero < 3 && p.data > 1) remedies.push(`zero: ${p.zero + 1}`);
  if (p.tensor < 8) remedies.push(`tensor: ${p.tensor * 2}`);
  remedies.push(`pipeline: ${p.pipeline * 2}`);
  return [
    `Does not fit: the fullest rank needs ${over} % more than a GPU has. Try ${remedies.join(', or ')}.`,
  ];
}
