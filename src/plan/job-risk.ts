import type { Context } from '../base/context.ts';
import { ok, type Result } from '../base/result.ts';
import { analyseRisk, riskBasis } from '../risk/analyse.ts';
import { timelineOf } from '../risk/simulate.ts';
import type { Risk } from '../risk/types.ts';
import { evaluate } from './evaluate.ts';
import { compareFaults, fabricFaults } from './faults.ts';
import { riskInput } from './stages.ts';
import type { JobRisk, PlanRequest } from './types.ts';

export interface JobRiskOptions {
  /** Simulated runs. */
  readonly runs: number;
  /** Take every kind of part out of the fabric once. */
  readonly fabric: boolean;
  /** Do the same to the other designs that can be built. */
  readonly designs: boolean;
}

/** More of a run nobody reads. */
const TIMELINE = 1000;

/** A job's failures in depth: `planewright risk`. Bad input comes back as issues. */
export async function analyseJobRisk(
  request: PlanRequest,
  context: Context,
  options: JobRiskOptions,
): Promise<Result<JobRisk>> {
  const done = await evaluate(request, context, { until: 'step' });
  if (!done.ok) return done;
  const { fabric, step } = done.value.artefacts;
  const input = riskInput(request.spec, fabric, step!);
  const { runs } = options;
  context.progress({ stage: 'simulating runs', fraction: null });
  const risk = await analyseRisk(input, context, { runs });
  const calm = { thermal: 0, thermalModel: 'arrhenius' as const, powerDrops: 0, age: null };
  const { stress } = request.spec.reliability;
  const stressed = stress.thermal !== 0 || stress.powerDrops !== 0 || stress.age !== null;
  const rested = { ...input, reliability: { ...input.reliability, stress: calm } };
  const { model, rates } = riskBasis(input, context.catalog);
  const names = rates.map((r) => r.component);
  const timeline = risk.simulation === undefined ? [] : timelineOf(model, names, input.seed);
  return ok(
    {
      name: request.spec.name,
      risk,
      timeline: timeline.slice(0, TIMELINE),
      ...(stressed && { unstressed: brief(await analyseRisk(rested, context, { runs })) }),
      ...(options.fabric && { fabric: await fabricFaults(request, context) }),
      ...(options.designs && { designs: await compareFaults(request, context) }),
    },
    done.issues,
  );
}

function brief({ mttf, ettr, sdcPerDay, days }: Risk): Pick<Risk, 'mttf' | 'ettr' | 'sdcPerDay' | 'days'> {
  return { mttf, ettr, sdcPerDay, days };
}
