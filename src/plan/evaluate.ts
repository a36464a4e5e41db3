import type { Context } from '../base/context.ts';
import { fail, InputError, ok, type Result } from '../base/result.ts';
import { assemble } from './assemble.ts';
import { Memo } from './memo.ts';
import { StageRunner } from './runner.ts';
import {
  economyStage,
  fabricStage,
  failoverStage,
  placementStage,
  profileStage,
  riskStage,
  routingStage,
  stepStage,
  trafficStage,
  workloadStage,
} from './stages.ts';
import type { Artefacts, Evaluation, FindFitting, PlanRequest } from './types.ts';

/** Workload, traffic, fabric, placement, profile, routing, step, risk, economy. */
const STAGES = 9;

export type Until = 'placement' | 'profile' | 'routing' | 'step' | 'risk' | 'economy';

export interface EvaluateOptions {
  /** The last stage that is wanted; the sections after it are absent from the plan. Default: all. */
  readonly until?: Until;
  /** Shared between evaluations, it makes a what-if cost only the stages that it changes. */
  readonly memo?: Memo;
  /** False leaves the plan's `checks` out, for what-ifs whose jams nobody reads. Default: true. */
  readonly checks?: boolean;
  /** False leaves hot links and paths, and the curve of pins, out of the profile. Default: true. */
  readonly lists?: boolean;
  /** Asked where the job does not fit, for the plan's `fitting`. */
  readonly fitting?: FindFitting;
}

/**
 * Plans a job: each stage from its slice of the spec and earlier results, remembered by the hash of these.
 * Bad input comes back as issues; an exception is a fault of ours, or `Cancelled`.
 */
export async function evaluate(
  request: PlanRequest,
  context: Context,
  options: EvaluateOptions = {},
): Promise<Result<Evaluation>> {
  const runner = new StageRunner(context, options.memo ?? new Memo(), STAGES);
  try {
    const artefacts = await runStages(request, runner, context, options);
    const misfits = artefacts.step?.step.memory.fits === false;
    const fitting = misfits ? await options.fitting?.(request.spec, context) : undefined;
    const wanted = { ...(fitting !== undefined && { fitting }), checks: options.checks ?? true };
    const plan = assemble(request.spec, artefacts, runner.used, context.catalog, wanted);
    if (!plan.ok) return plan;
    return ok({ plan: plan.value, artefacts, timings: runner.timings }, runner.warnings);
  } catch (error) {
    if (error instanceof InputError) return fail(error.issues);
    throw error;
  }
}

async function runStages(
  { spec, without, failed = [] }: PlanRequest,
  runner: StageRunner,
  context: Context,
  { until = 'economy', lists = true }: EvaluateOptions,
): Promise<Artefacts> {
  const workload = await workloadStage(runner, spec);
  const traffic = await trafficStage(runner, spec, workload);
  const whole = await fabricStage(runner, spec, without);
  const undisturbed = await placementStage(runner, spec, traffic, whole);
  const broken = failed.length > 0;
  const fabric = broken ? await fabricStage(runner, spec, [...without, ...failed]) : whole;
  const placed = broken ? await failoverStage(runner, undisturbed, fabric) : undisturbed;
  const stages = {
    workload: workload.value,
    traffic: traffic.value,
    fabric: fabric.value,
    placed: placed.value,
  };
  if (until === 'placement') return stages;
  const upstream = { traffic, fabric, placed };
  const profile = await profileStage(runner, spec, upstream, lists);
  if (until === 'profile') return { ...stages, profile: profile.value };
  const routing = await routingStage(runner, spec, { ...upstream, profile }, context);
  const routed = { ...stages, profile: profile.value, routing: routing.value };
  if (until === 'routing') return routed;
  const step = await stepStage(runner, spec, workload, { ...upstream, profile, routing }, context);
  const timed = { ...routed, step: step.value };
  if (until === 'step') return timed;
  const risk = await riskStage(runner, spec, fabric, step, context);
  const priced = { ...timed, risk: risk.value };
  if (until === 'risk') return priced;
  const economy = await economyStage(runner, spec, fabric, step, risk);
  return { ...priced, economy: economy.value };
}
