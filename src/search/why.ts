import type { StepBreakdown } from '../step/types.ts';
import { formatPercent, formatSeconds } from '../units/format.ts';
import type { ScoredPlan } from './types.ts';

/** Parts of a step that a sentence names; the rest is below notice. */
const NAMED = 3;
/** Share of a step below which a difference is not worth a word. */
const NOTICE = 0.002;

/** 'than the spec's own: 1.2 s less bubble, 310 ms more expert communication'. */
export function whyFaster(own: StepBreakdown, other: StepBreakdown, seconds: number, name: string): string {
  const mine = partsOf(own);
  const theirs = partsOf(other);
  const keys = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const differences = keys
    .map((key) => ({ key, seconds: (mine[key] ?? 0) - (theirs[key] ?? 0) }))
    .filter((d) => Math.abs(d.seconds) > NOTICE * seconds)
    .sort((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds) || (a.key < b.key ? -1 : 1));
  if (differences.length === 0) return `as fast as ${name}`;
  const text = differences
    .slice(0, NAMED)
    .map((d) => `${formatSeconds(Math.abs(d.seconds))} ${d.seconds < 0 ? 'less' : 'more'} ${d.key}`);
  return `${text.join(', ')} than ${name}`;
}

function partsOf(b: StepBreakdown): Record<string, number> {
  const parts: Record<string, number> = {
    'of kernels': b.forward + b.backward + b.weightGradient,
    recomputation: b.recompute,
    bubble: b.bubble,
    'of optimizer': b.optimizer,
    'of data-parallel tail': b.dataTail,
  };
  for (const [dimension, seconds] of Object.entries(b.exposed)) parts[`${dimension} communication`] = seconds;
  return parts;
}

/** Why a plan of the Pareto set is there. `set` is the whole set, the fastest first. */
export function whyUnbeaten(plan: ScoredPlan, set: readonly ScoredPlan[]): string {
  const best: string[] = [];
  const least = (of: (p: ScoredPlan) => number) => set.every((p) => of(p) >= of(plan));
  if (least((p) => p.runSeconds)) best.push('fastest');
  if (least((p) => p.usd)) best.push('cheapest');
  const frugal = set.filter((p) => p.watts === plan.watts).every((p) => p.runSeconds >= plan.runSeconds);
  if (frugal && least((p) => p.watts) && set.some((p) => p.watts > plan.watts)) best.push('least power');
  if (least((p) => p.memory)) best.push('most memory free');
  if (best.length > 0) return best.join(', ');
  const fastest = set[0]!;
  const slower = plan.runSeconds / fastest.runSeconds - 1;
  const freed = plan.headroom - fastest.headroom;
  const gain =
    freed > 0
      ? `${formatPercent(freed)} more of memory free`
      : `${formatPercent(1 - plan.gpus / fastest.gpus)} fewer GPUs`;
  return `${formatPercent(slower)} slower than the fastest, ${gain}`;
}
