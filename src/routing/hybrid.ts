import { type Issue, issue } from '../base/issue.ts';
import { type PinBase, pinHotPaths } from '../flow/pin.ts';
import type { PinnedRoutes } from '../routes/types.ts';
import type { Form, Judge, RoutingInput } from './judge.ts';
import { MEETS } from './tables.ts';
import type { Bounds } from './types.ts';

export interface HybridForms {
  readonly best: Form;
  readonly notes: readonly string[];
  readonly issues: readonly Issue[];
}

export interface Bases {
  readonly fixed: Form;
  readonly adaptive: Form;
  readonly ecmp: Form;
}

/** A form is not tried when the best so far is within this of what no routing beats. */
const GOOD_ENOUGH = 1.01;

/**
 * The hybrid: hot paths pinned, the rest on a base. InfiniBand: a pin is an entry (leaf, destination) of the tables of
 * a service level without adaptive routing; the rest runs adaptively, or everything on the optimised tables.
 * RoCE: a pin is a policy route of a (source, destination) pair; the rest runs on the optimised tables as host
 * routes, on ECMP, or adaptively. Pins are the greedy ones of flow/pin.ts, each of which lowers the largest load,
 * so that no form is worse than its base; the form with the least largest load stands, adaptive loads counted
 * at the calibrated efficiency.
 */
export function hybridForms(input: RoutingInput, judge: Judge, bounds: Bounds, bases: Bases): HybridForms {
  const infiniband = input.transport === 'infiniband';
  const issues: Issue[] = [];
  let count = input.hotPaths;
  if (!infiniband && count > input.limits.policyEntries) {
    issues.push(refused(count, input.limits.policyEntries));
    count = input.limits.policyEntries;
  }
  let best: Form = { ...bases.fixed, strategy: 'hybrid' };
  let what = 'optimised tables carry everything';
  const tried = infiniband ? [bases.adaptive] : [bases.fixed, bases.adaptive, bases.ecmp];
  for (const base of tried) {
    const floor = base.routes.kind === 'adaptive' ? bounds.fractional / judge.efficiency : bounds.fractional;
    if (best.effective <= Math.max(floor, bounds.fractional * GOOD_ENOUGH) * (1 + MEETS)) continue;
    const form = pinned(input, judge, base, count);
    if (form.effective >= best.effective * (1 - MEETS)) continue;
    best = form;
    what = describe(base, form);
  }
  return { best, notes: [`hybrid: ${what}`], issues };
}

function describe(base: Form, form: Form): string {
  const name =
    { static: 'optimised tables', adaptive: 'adaptive routing', ecmp: 'ECMP' }[base.strategy] ??
    base.strategy;
  if (form.routes.kind !== 'pinned') return `${name} carries everything: no pin lowers the largest load`;
  return `${form.routes.src.length} pairs pinned over ${name}`;
}

function pinned(input: RoutingInput, judge: Judge, base: Form, count: number): Form {
  const { fabric, hops, flows, transport } = input;
  if (count === 0) return { ...base, strategy: 'hybrid' };
  const unit = transport === 'infiniband' ? 'leaf' : 'pair';
  const { routes } = pinHotPaths(fabric, hops, flows, base.routes as PinBase, { count, unit });
  const kept = transport === 'infiniband' ? asOneTable(input, routes) : routes;
  if (kept.src.length === 0) return { ...base, strategy: 'hybrid' };
  const form = judge.form('hybrid', kept);
  // Pins that one table cannot hold were dropped, and what is left may be no gain.
  return form.effective < base.effective ? form : { ...base, strategy: 'hybrid' };
}

/**
 * Drops pins that contradict an earlier one: a table has one entry for a destination at each switch, so that pinned
 * paths to it may join but not part again. Pairs of a (leaf, destination) share their path and stay together.
 */
export function asOneTable({ fabric }: Pick<RoutingInput, 'fabric'>, routes: PinnedRoutes): PinnedRoutes {
  const entry = new Map<number, number>();
  const src: number[] = [];
  const dst: number[] = [];
  const start = [0];
  const links: number[] = [];
  for (let p = 0; p < routes.src.length; p++) {
    const path = routes.links.subarray(routes.start[p]!, routes.start[p + 1]!);
    const key = (link: number) => fabric.linkFrom[link]! * fabric.endpoints + routes.dst[p]!;
    if (!path.every((link) => (entry.get(key(link)) ?? link) === link)) continue;
    for (const link of path) {
      entry.set(key(link), link);
      links.push(link);
    }
    src.push(routes.src[p]!);
    dst.push(routes.dst[p]!);
    start.push(links.length);
  }
  return {
    kind: 'pinned',
    base: routes.base,
    src: Int32Array.from(src),
    dst: Int32Array.from(dst),
    start: Uint32Array.from(start),
    links: Uint32Array.from(links),
  };
}

function refused(asked: number, limit: number): Issue {
  return issue({
    code: 'pins-refused',
    severity: 'warning',
    path: ['routing', 'hotPaths'],
    message:
      limit === 0
        ? 'the switch has no policy routes, so that no pair can be pinned'
        : 'the switch holds fewer policy routes than pins were asked for',
    found: `${asked} pins`,
    allowed: `${limit} policy entries`,
    hint: 'lower routing.hotPaths, or use a switch model with more policy entries',
  });
}
