import type { Issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { isSwitch } from '../fabric/builder.ts';
import { linkName } from '../fabric/names.ts';
import type { Fabric } from '../fabric/types.ts';
import { linkLoads } from '../flow/loads.ts';
import type { LinkLoad } from '../flow/types.ts';
import type { RoutingOutcome } from '../routing/types.ts';
import { evaluateExpectation } from '../spec/expect.ts';
import type { Expectation } from '../spec/types.ts';
import type { Artefacts, ExpectationOutcome, NoJam } from './types.ts';

/** At most this many jammed links are named; the count is of all. */
const NAMED = 16;

/**
 * Which switch-to-switch links need longer for the step's bytes than the allowed slack times the ideal: the time
 * that no routing can beat (the fractional bound), or what the busiest NIC needs anyway, whichever is longer.
 */
export function noJam(artefacts: Artefacts, routing: RoutingOutcome, catalog: Catalog): NoJam {
  const { fabric, hops } = artefacts.fabric;
  const load = linkLoads(fabric, hops, artefacts.placed.flows, routing.chosen.routes);
  const allowed = catalog.get('check.no-jam.slack').value;
  const ideal = Math.max(busiestNic(fabric, load), routing.bounds.fractional);
  const jams: { link: number; slowdown: number }[] = [];
  for (let l = 0; ideal > 0 && l < fabric.links; l++) {
    const slowdown = load[l]! / fabric.linkRate[l]! / ideal;
    if (slowdown > allowed) jams.push({ link: l, slowdown });
  }
  jams.sort((a, b) => b.slowdown - a.slowdown || a.link - b.link);
  return {
    holds: jams.length === 0,
    idealSeconds: ideal,
    jammedLinks: jams.length,
    jams: jams.slice(0, NAMED).map((j) => ({ link: linkName(fabric, j.link), slowdown: j.slowdown })),
  };
}

function busiestNic(fabric: Fabric, load: LinkLoad): number {
  let busiest = 0;
  for (let l = 0; l < fabric.links; l++) {
    if (isSwitch(fabric, fabric.linkFrom[l]!) && isSwitch(fabric, fabric.linkTo[l]!)) continue;
    busiest = Math.max(busiest, load[l]! / fabric.linkRate[l]!);
  }
  return busiest;
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
