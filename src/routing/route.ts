import { Cancelled, type Context } from '../base/context.ts';
import { type Issue, issue } from '../base/issue.ts';
import { unitsOfFlows } from './demand.ts';
import { hybridForms } from './hybrid.ts';
import { Judge, type RoutingInput } from './judge.ts';
import { BOUND_EFFORT, lowerBounds } from './lower.ts';
import { planesOf } from './plane.ts';
import { type OptimisedTables, optimiseTables, TABLE_LIMITS } from './tables.ts';
import type { Routed, RoutingOutcome, SwitchLimits } from './types.ts';

/**
 * Stage 5: destination tables made for the demand, next to plain destination-modulo, ECMP (median over the seeds) and
 * adaptive routing, each judged by the same loads and bounds and followed switch by switch (routes/verify.ts);
 * then the strategy asked for. Hybrid takes the best of its forms (hybrid.ts) and is never worse than its base.
 * Deterministic. O(seeds x flows x hops) for the baselines; tables as in tables.ts.
 */
export async function routeDemand(input: RoutingInput, context: Context): Promise<RoutingOutcome> {
  const { fabric, hops, flows, effort } = input;
  const step = (fraction: number, note: string) => {
    if (context.cancelled()) throw new Cancelled();
    context.progress({ stage: 'routing', fraction, note });
  };
  const planes = planesOf(fabric, hops);
  const { units, unroutable } = unitsOfFlows(planes, flows);
  step(0.1, 'tables');
  const tables = optimiseTables(
    fabric,
    hops,
    planes,
    units.map((u) => [{ units: u, priority: 1 }]),
    { evaluations: effort?.evaluations ?? TABLE_LIMITS.evaluations },
  );
  step(0.5, 'baselines');
  const judge = new Judge(input, context);
  const modulo = judge.form('modulo', tables.modulo);
  const fixed =
    tables.routes === tables.modulo ? { ...modulo, strategy: 'static' } : judge.form('static', tables.routes);
  const adaptive = judge.form('adaptive', { kind: 'adaptive' });
  const ecmp = judge.medianEcmp();
  step(0.7, 'bounds');
  const split = adaptive.maxLoad <= fixed.maxLoad ? adaptive : fixed;
  const cuts = tables.planes.map((p) => p.bounds[0]!);
  const bounds = await lowerBounds(planes, units, cuts, split.maxLoad, split.load, context, {
    ...BOUND_EFFORT,
    ...effort,
  });
  step(0.8, 'hybrid');
  const forms =
    input.strategy === 'hybrid' ? hybridForms(input, judge, bounds, { fixed, adaptive, ecmp }) : null;
  step(0.9, 'checks');
  const issues: Issue[] = [...(forms?.issues ?? []), ...refusals(input, unroutable)];
  const chosenForm =
    forms === null ? { modulo, ecmp, adaptive, static: fixed }[plainStrategy(input)] : forms.best;
  const chosen = { routes: chosenForm.routes, quality: judge.quality(chosenForm, bounds) };
  issues.push(...tableIssues(chosen, input.limits));
  return {
    chosen,
    quality: chosen.quality,
    bounds,
    baselines: [modulo, ecmp, adaptive, fixed].map((form) => judge.quality(form, bounds)),
    alreadyOptimal: tables.planes.every((p) => p.moduloOptimal),
    notes: [...tableNotes(tables), ...(forms?.notes ?? [])],
    issues,
  };
}

function plainStrategy({ strategy }: RoutingInput): 'modulo' | 'ecmp' | 'adaptive' | 'static' {
  if (strategy === 'hybrid') throw new Error('the hybrid has forms');
  return strategy;
}

/** What the transport or the fabric cannot do, as asked. */
function refusals(input: RoutingInput, unroutable: number): Issue[] {
  const issues: Issue[] = [];
  if (input.strategy === 'ecmp' && input.transport === 'infiniband') {
    issues.push(
      issue({
        code: 'transport-cannot',
        severity: 'warning',
        path: ['routing', 'strategy'],
        message: 'InfiniBand switches have no ECMP; the figures are those of a comparison',
        found: 'ecmp',
        allowed: 'hybrid, static, adaptive or modulo',
        hint: 'set routing.strategy to hybrid',
      }),
    );
  }
  if (unroutable > 0) {
    issues.push(
      issue({
        code: 'unroutable-flows',
        severity: 'warning',
        message: `no up/down path joins the ends of ${unroutable} flows; no routing carries them`,
        hint: 'a plane of its own, a dead cable or a leaf without uplinks stands between',
      }),
    );
  }
  return issues;
}

function tableIssues({ quality }: Routed, limits: SwitchLimits): Issue[] {
  if (quality.tableEntries <= limits.tableEntries) return [];
  return [
    issue({
      code: 'too-many-table-entries',
      path: ['cluster', 'network', 'switch'],
      message: `a switch would need ${quality.tableEntries} table entries`,
      allowed: `${limits.tableEntries} entries`,
      hint: 'use more planes, or a switch model with a larger table',
    }),
  ];
}

function tableNotes({ planes }: OptimisedTables): string[] {
  const count = (test: (p: (typeof planes)[number]) => boolean) => planes.filter(test).length;
  const all = planes.length;
  const optimal = count((p) => p.moduloOptimal);
  if (optimal === all) return ['plain destination-modulo already meets the bound: no table does better'];
  const notes: string[] = [];
  if (optimal > 0)
    notes.push(`plain destination-modulo already meets the bound on ${optimal} of ${all} planes`);
  for (const [method, how] of [
    ['nominal', 'destination-modulo with the entries of missing cables re-homed'],
    ['colouring', 'an equitable colouring'],
    ['local search', 'greedy placement and local search'],
  ] as const) {
    const n = count((p) => p.method === method);
    if (n > 0) notes.push(`tables by ${how} on ${n} of ${all} planes`);
  }
  const rule = count((p) => p.method === 'rule');
  if (rule > 0)
    notes.push(`destination-modulo as a rule on ${rule} of ${all} planes: their tables would be too large`);
  const kept = count((p) => p.method === 'modulo' && !p.moduloOptimal);
  if (kept > 0)
    notes.push(`destination-modulo is kept on ${kept} of ${all} planes: no better tables were found`);
  return notes;
}
