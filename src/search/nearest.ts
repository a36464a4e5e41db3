import type { ParallelPlan } from './types.ts';

/** What somebody had in mind: any of a plan's choices. */
export type Wanted = Partial<ParallelPlan>;

const DEGREES = ['tensor', 'pipeline', 'context', 'data', 'expert', 'microbatch', 'virtualStages'] as const;
const CHOICES = ['schedule', 'recompute', 'zero', 'sequence'] as const;
/** A changed choice weighs as much as half a doubling of a degree. */
const CHOICE = 0.5;

/** Copies of the state that are kept; unknown while ZeRO is not settled. */
function sharing({ data, shard, zero }: Wanted): number | undefined {
  return data === undefined || zero === undefined ? undefined : data / (shard ?? data);
}

/** How far a plan, or what is settled of it, is from what was wanted: doublings of degrees, and changed choices. */
export function distance(plan: Wanted, wanted: Wanted): number {
  let sum = 0;
  for (const key of DEGREES) {
    const want = wanted[key];
    const have = plan[key];
    if (want !== undefined && want > 0 && have !== undefined) sum += Math.abs(Math.log2(have / want));
  }
  const copies = sharing(plan);
  const kept = sharing(wanted);
  if (copies !== undefined && kept !== undefined && kept > 0) sum += Math.abs(Math.log2(copies / kept));
  for (const key of CHOICES) {
    const want = wanted[key];
    if (want !== undefined && plan[key] !== undefined && want !== plan[key]) sum += CHOICE;
  }
  return sum;
}

/** The changes that lead from what was wanted to the plan: 'tensor: 4 -> 8'. */
export function changesTo(plan: ParallelPlan, wanted: Wanted): string[] {
  const changes = [...DEGREES, ...CHOICES].flatMap((key) => {
    const want = wanted[key];
    return want === undefined || want === plan[key] ? [] : [`${key}: ${want} -> ${plan[key]}`];
  });
  if (wanted.shard === plan.shard) return changes;
  return [...changes, `shard: ${wanted.shard ?? 'all'} -> ${plan.shard ?? 'all'}`];
}
