import { linkLoads } from '../flow/loads.ts';
import type { LinkLoad } from '../flow/types.ts';
import type { Evaluation } from '../plan/types.ts';
import { moduloTables } from '../routes/modulo.ts';
import type { Routes } from '../routes/types.ts';

/** A routing whose loads can be drawn. */
export interface DrawnRouting {
  readonly id: string;
  readonly title: string;
  readonly routes: Routes;
}

/** The plain routings of a plan and the chosen one, last. None while a plan has no routing. */
export function planRoutings({ plan, artefacts }: Evaluation): DrawnRouting[] {
  const { routing, profile } = artefacts;
  if (routing === undefined || profile === undefined) return [];
  const { fabric, hops } = artefacts.fabric;
  const seed = profile.policies.find((p) => p.seeds)?.seeds?.medianSeed ?? plan.spec.seed;
  return [
    {
      id: 'ecmp',
      title: 'ECMP, median of its seeds',
      routes: { kind: 'ecmp', seed, queuePairs: plan.spec.traffic.queuePairs },
    },
    { id: 'modulo', title: 'destination-modulo', routes: moduloTables(fabric, hops) },
    { id: 'adaptive', title: 'adaptive', routes: { kind: 'adaptive' } },
    { id: 'chosen', title: `Planewright, ${plan.spec.routing.strategy}`, routes: routing.chosen.routes },
  ];
}

/** Bytes of a step on every link of a plan's fabric under a routing. */
export function loadsUnder({ artefacts }: Evaluation, routes: Routes): LinkLoad {
  const { fabric, hops } = artefacts.fabric;
  return linkLoads(fabric, hops, artefacts.placed.flows, routes);
}
