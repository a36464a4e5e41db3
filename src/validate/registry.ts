import { Cancelled, type Context } from '../base/context.ts';
import { trainingCases } from '../calibrate/cases.ts';
import { economyCases } from '../economy/cases.ts';
import { fabricCases } from '../fabric/cases.ts';
import { profileCases } from '../profile/cases.ts';
import { riskCases } from '../risk/cases.ts';
import { simulateCases } from '../simulate/cases.ts';
import { trafficCases } from '../traffic/cases.ts';
import { workloadCases } from '../workload/cases.ts';
import type { Outcome, ValidationCase } from './types.ts';

/** Every room's cases, in the order of the stages. */
export function allCases(context: Context): readonly ValidationCase[] {
  const { catalog } = context;
  return [
    ...workloadCases(catalog),
    ...trafficCases(catalog),
    ...fabricCases(catalog),
    ...profileCases(catalog),
    ...simulateCases(catalog),
    ...trainingCases(catalog),
    ...riskCases(catalog),
    ...economyCases(catalog),
  ];
}

/** Computes the cases whose id starts with `filter`, one after the other. */
export async function validate(context: Context, filter = ''): Promise<Outcome[]> {
  const cases = allCases(context).filter((c) => c.id.toLowerCase().startsWith(filter.toLowerCase()));
  const outcomes: Outcome[] = [];
  for (const [i, { compute, computeLeftOut, ...published }] of cases.entries()) {
    if (context.cancelled()) throw new Cancelled();
    context.progress({ stage: 'validate', fraction: i / cases.length, note: published.id });
    const computed = await compute(context);
    const leftOut = computeLeftOut?.(context);
    const judged = judge(published, leftOut ?? computed);
    outcomes.push({ ...published, computed, ...(leftOut === undefined ? {} : { leftOut }), ...judged });
  }
  return outcomes;
}

function judge(
  published: Omit<ValidationCase, 'compute' | 'computeLeftOut'>,
  computed: number,
): { error: number; within: boolean } {
  const difference = computed - published.published;
  const error = published.published === 0 ? difference : difference / published.published;
  if (published.digits !== undefined) {
    // Equal to the printed digits: rounded as the source rounds, it reads the same.
    const same = Number(computed.toPrecision(published.digits)) === published.published;
    return { error, within: same };
  }
  const agrees = Math.abs(error) <= published.tolerance;
  // A named mismatch that came to agree would be as wrong as a prediction that does not.
  return { error, within: published.kind === 'mismatch' ? !agrees : agrees };
}
