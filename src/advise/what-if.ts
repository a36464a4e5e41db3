import type { Task } from '../base/context.ts';
import { builtin } from '../catalog/catalog.ts';
import type { Catalog } from '../catalog/types.ts';
import { applyChanges } from '../plan/change.ts';
import { evaluate } from '../plan/evaluate.ts';
import { quietContext } from '../plan/library.ts';
import { Memo } from '../plan/memo.ts';
import type { Change, Plan, PlanRequest } from '../plan/types.ts';
import type { Spec } from '../spec/types.ts';
import { tokensOfStep } from '../step/steps.ts';
import { bestPlan } from './plan.ts';
import type { Outcome } from './types.ts';

/** A job to plan with changes; `search`: first the fastest plan near the job's own is looked for. */
export interface WhatIf {
  readonly request: PlanRequest;
  readonly changes: readonly Change[] | 'search';
}

/** What it comes to, or why it has no plan, or why there is nothing to change. */
export type WhatIfResult =
  | { readonly kind: 'outcome'; readonly outcome: Outcome; readonly changes: readonly Change[] }
  | { readonly kind: 'impossible'; readonly reason: string; readonly changes: readonly Change[] }
  | { readonly kind: 'idle'; readonly reason: string };

/** A changed job through the whole pipeline, with what `memo` remembers of others. */
export async function whatIf(
  { request, changes }: WhatIf,
  catalog: Catalog,
  memo: Memo,
): Promise<WhatIfResult> {
  const { spec } = request;
  const wanted = changes === 'search' ? bestPlan({ spec, catalog }) : changes;
  if (typeof wanted === 'string') return { kind: 'idle', reason: wanted };
  const changed = applyChanges(request, wanted);
  const context = quietContext(catalog, spec.seed);
  const evaluation = await evaluate(changed, context, { memo, checks: false, lists: false });
  if (!evaluation.ok) {
    const reason = evaluation.issues.map((i) => i.message).join('; ');
    return { kind: 'impossible', reason, changes: wanted };
  }
  return { kind: 'outcome', outcome: outcomeOf(evaluation.value.plan, changed.spec), changes: wanted };
}

/** What a worker thread remembers from one question to the next. */
const remembered = new Memo();

/** The same in a worker thread, which has the catalog that comes with Planewright. */
export const whatIfTask: Task<WhatIf, WhatIfResult> = {
  name: 'what-if',
  run: (item) => whatIf(item, builtin(), remembered),
};

export function outcomeOf({ step, economy }: Plan, { training: t }: Spec): Outcome {
  const { seconds, runSeconds, memory } = step!;
  const most = Math.max(...memory.stages.map((s) => s.total));
  return {
    stepSeconds: seconds,
    secondsPerToken: seconds / tokensOfStep(t),
    runSeconds,
    usd: economy!.run!.usd,
    joules: economy!.energy.perRun!,
    headroom: 1 - most / memory.capacity,
    fits: memory.fits,
  };
}
