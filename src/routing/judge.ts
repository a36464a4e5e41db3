import type { Context } from '../base/context.ts';
import type { Transport } from '../catalog/types.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { type LoadEngine, loadEngine } from '../flow/loads.ts';
import { measure } from '../flow/measure.ts';
import { summarise, switchLinks } from '../flow/summary.ts';
import type { LinkLoad } from '../flow/types.ts';
import type { NextHops, Routes } from '../routes/types.ts';
import { verifyRoutes } from '../routes/verify.ts';
import type { RoutingSpec } from '../spec/types.ts';
import type { BoundEffort } from './lower.ts';
import { MEETS } from './tables.ts';
import type { Bounds, RoutingQuality, SwitchLimits } from './types.ts';

export interface RoutingInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  /** Bytes of one step. */
  readonly flows: Flows;
  readonly strategy: RoutingSpec['strategy'];
  /** Most pins of the hybrid. */
  readonly hotPaths: number;
  readonly transport: Transport;
  /** Of the switch model. */
  readonly limits: SwitchLimits;
  /** Seeds of the ECMP distribution; its median stands for ECMP. One, where the median seed is already known. */
  readonly seeds: readonly number[];
  readonly queuePairs: number;
  /** Work limits; counts, never seconds. */
  readonly effort?: Partial<BoundEffort & { readonly evaluations: number }>;
}

/** One way to route the whole demand, judged: what baselines and the forms of the hybrid have in common. */
export interface Form {
  readonly strategy: string;
  readonly routes: Routes;
  /** Bytes by link; links to endpoints are left out. */
  readonly load: LinkLoad;
  /** Seconds: bytes over line rate on the fullest link between switches. */
  readonly maxLoad: number;
  /** Seconds with the adaptive efficiency counted in: what forms are compared by. */
  readonly effective: number;
}

/** Measures and checks routings; what several of them share is done once. */
export class Judge {
  readonly efficiency: number;
  readonly #input: RoutingInput;
  readonly #engine: LoadEngine;
  readonly #links: Uint32Array;

  constructor(input: RoutingInput, context: Context) {
    this.#input = input;
    this.#engine = loadEngine(input.fabric, input.hops, input.flows);
    this.#links = switchLinks(input.fabric);
    this.efficiency = context.catalog.get('routing.adaptive.efficiency').value;
  }

  form(strategy: string, routes: Routes): Form {
    const { fabric } = this.#input;
    const { load } = measure(this.#engine, routes);
    const { maxLoad } = summarise(fabric, load, this.#links);
    const base = routes.kind === 'pinned' ? routes.base : routes;
    const effective = base.kind === 'adaptive' ? maxLoad / this.efficiency : maxLoad;
    return { strategy, routes, load, maxLoad, effective };
  }

  /** The form of the seed with the median largest load (the lower of two in the middle). */
  medianEcmp(): Form {
    const { seeds, queuePairs } = this.#input;
    const formOf = (seed: number): Form => this.form('ecmp', { kind: 'ecmp', seed, queuePairs });
    if (seeds.length === 1) return formOf(seeds[0]!);
    const maxima = seeds.map((seed) => formOf(seed).maxLoad);
    const order = maxima.map((_, i) => i).sort((a, b) => maxima[a]! - maxima[b]! || a - b);
    return formOf(seeds[order[(order.length - 1) >> 1]!]!);
  }

  quality(form: Form, bounds: Bounds): RoutingQuality {
    const { routes, maxLoad } = form;
    const verified = verifyRoutes(this.#input.fabric, routes, this.#input.hops);
    const { fractional, wholeDestination } = bounds;
    const bound = routes.kind === 'tables' ? wholeDestination : fractional;
    return {
      strategy: form.strategy,
      maxLoad,
      fractionalBound: fractional,
      wholeDestinationBound: wholeDestination,
      ratioToFractional: fractional > 0 ? maxLoad / fractional : 1,
      ratioToWhole: wholeDestination > 0 ? maxLoad / wholeDestination : 1,
      provedOptimal: maxLoad <= bound * (1 + MEETS),
      reachable: verified.reachable,
      deadlockFree: verified.deadlockFree,
      tableEntries: verified.entriesMax,
      // InfiniBand pins are entries of the tables of a service level of their own.
      policyEntries: this.#input.transport === 'infiniband' ? 0 : verified.policyEntriesMax,
    };
  }
}
