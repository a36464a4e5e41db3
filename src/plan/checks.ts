import type { Issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { linkName } from '../fabric/names.ts';
import { busiest } from '../flow/bottleneck.ts';
import { nicLinks } from '../flow/summary.ts';
import type { RoutingOutcome } from '../routing/types.ts';
import { slowdowns } from '../simulate/slowdown.ts';
import { evaluateExpectation } from '../spec/expect.ts';
import type { Expectation } from '../spec/types.ts';
import type { Artefacts, ExpectationOutcome, NoJam, Plan } from './types.ts';

/** At most this many jammed links are named; the count is of all. */
const NAMED = 16;

/**
 * Which switch-to-switch links need longer for the step's bytes than the allowed slack times the ideal: the time
 * that no routing can beat (the fractional bound), or what the busiest NIC needs anyway, whichever is longer. And by how
 * much flows end later, operation by operation, than under the best routing.
 */
export function noJam(artefacts: Artefacts, routing: RoutingOutcome, catalog: Catalog): NoJam {
  const { fabric, hops } = artefacts.fabric;
  const { load, p99, leftOut } = slowdowns(fabric, hops, artefacts.placed.flows, routing.chosen.routes);
  const allowed = catalog.get('check.no-jam.slack').value;
  const ideal = Math.max(busiest(fabric, load, nicLinks(fabric)).seconds, routing.bounds.fractional);
  const jams: { link: number; slowdown: number }[] = [];
  for (let l = 0; ideal > 0 && l < fabric.links; l++) {
    const slowdown = load[l]! / fabric.linkRate[l]! / ideal;
    if (slowdown > allowed) jams.push({ link: l, slowdown });
  }
  jams.sort((a, b) => b.slowdown - a.slowdown || a.link - b.link);
  return {
    holds: jams.length === 0 && p99 <= catalog.get('check.no-jam.p99').value,
    idealSeconds: ideal,
    jammedLinks: jams.length,
    p99Slowdown: p99,
    flowsLeftOut: leftOut,
    jams: jams.slice(0, NAMED).map((j) => ({ link: linkName(fabric, j.link), slowdown: j.slowdown })),
  };
}

/** Each expectation against the finished plan; one that names an absent section is an input error. */
export function checkExpectations(
  plan: unknown,
  expectations: readonly Expectation[],
): Result<readonly ExpectationOutcome[]> {
  const issues: Issue[] = [];
  const outcomes: ExpectationOutcome[] = [];
  for (const e of expectations) {
    const outcome = evaluateExpectation(plan, e);
    if ('code' in outcome) issues.push(outcome);
    else outcomes.push({ expectation: e.text, met: outcome.ok, found: outcome.actual });
  }
  return issues.length > 0 ? fail(issues) : ok(outcomes);
}

/** A plan with a section more, and the expectations of that section judged beside its own. */
export function withOutcomes<P extends Plan>(plan: P, expectations: readonly Expectation[]): Result<P> {
  const judged = checkExpectations(plan, expectations);
  if (!judged.ok) return judged;
  if (plan.checks === undefined || judged.value.length === 0) return ok(plan);
  const all = [...plan.checks.expectations, ...judged.value];
  return ok({ ...plan, checks: { ...plan.checks, expectations: all } });
}
