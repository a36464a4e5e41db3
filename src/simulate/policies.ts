import type { Context } from '../base/context.ts';
import { isSwitch } from '../fabric/builder.ts';
import type { Fabric } from '../fabric/types.ts';
import { pinHotPaths } from '../flow/pin.ts';
import { hash4 } from '../numeric/random.ts';
import { moduloTables } from '../routes/modulo.ts';
import type { PinnedRoutes, Routes } from '../routes/types.ts';
import { asOneTable } from '../routing/hybrid.ts';
import { wiringLoss } from '../routing/ideal.ts';
import { patternTables } from '../routing/patterns.ts';
import { idealCapacity, idealWays } from './ideal.ts';
import { type Network, type Ways, waysOf } from './network.ts';
import type { Transport } from './packet.ts';
import type { Fidelity, Routing } from './types.ts';

/** One routing on one network: what it does with a draw, and what its links carry. */
export interface Policy {
  readonly label: string;
  /** True when nothing is drawn: all seeds are one. */
  readonly fixed: boolean;
  readonly transport: Transport;
  /** The ways of the flows under draw number `draw`. */
  ways(draw: number): Ways;
  /** Bytes per second of the links of these ways, 0 where dead. */
  readonly capacity: Float64Array;
  /** The same routing after a failure: what still has a way keeps it, the rest finds one as this routing would. */
  after(network: Network): Policy;
}

/** Makes a routing ready for a network: tables for its traffic, bounds, capacities. */
export async function policyOf(
  network: Network,
  routing: Routing,
  seed: number,
  fidelity: Fidelity,
  context: Context,
): Promise<Policy> {
  const { fabric, hops, planes } = network;
  const label = routing.label;
  // The cost of packets holds what adaptive routing loses; the fluid has none of its own.
  const efficiency = fidelity === 'packet' ? 1 : context.catalog.get('routing.adaptive.efficiency').value;
  switch (routing.kind) {
    case 'ideal':
      return ideal(network, label, await wiringLoss(fabric, hops, planes.flows, context));
    case 'adaptive':
      return adaptive(network, label, efficiency);
    case 'ecmp': {
      const { queuePairs } = routing;
      const routes = (draw: number): Routes => ({ kind: 'ecmp', seed: ecmpSeed(seed, draw), queuePairs });
      return plain(network, label, false, routes);
    }
    case 'hybrid':
      return hybrid(network, label, routing.pins, seed, efficiency);
    case 'tables':
      return plain(network, label, true, () => routing.routes);
    case 'modulo':
      return plain(network, label, true, () => moduloTables(fabric, hops));
    case 'static': {
      const demand = { label: 'traffic', priority: 1, unit: false, merged: false, flows: planes.flows };
      const choices = { lmc: 0, valleys: 'omit' } as const;
      const [routes] = patternTables({ fabric, hops, demands: [demand] }, choices);
      return plain(network, label, true, () => routes!);
    }
  }
}

/** The seed of an ECMP hash, as the profile of a plan draws it. */
function ecmpSeed(seed: number, draw: number): number {
  return hash4(seed, draw, 0xec, 0);
}

function plain(network: Network, label: string, fixed: boolean, routes: (draw: number) => Routes): Policy {
  return {
    label,
    fixed,
    transport: 'lossless',
    ways: (draw) => waysOf(network, routes(draw)),
    capacity: liveRates(network.fabric),
    after(next) {
      // A hash finds its live ports by itself; whoever keeps tables gets plain ones where the old way is gone.
      const first = routes(0);
      const again = first.kind === 'ecmp' ? routes : (): Routes => moduloTables(next.fabric, next.hops);
      return plain(next, label, fixed, again);
    },
  };
}

function adaptive(network: Network, label: string, efficiency: number): Policy {
  const { fabric } = network;
  const capacity = liveRates(fabric);
  for (let l = 0; l < fabric.links; l++)
    if (isSwitch(fabric, fabric.linkFrom[l]!) && isSwitch(fabric, fabric.linkTo[l]!))
      capacity[l]! *= efficiency;
  return {
    label,
    fixed: true,
    transport: 'spray',
    ways: () => waysOf(network, { kind: 'adaptive' }),
    capacity,
    after: (next) => adaptive(next, label, efficiency),
  };
}

function ideal(network: Network, label: string, loss: number): Policy {
  return {
    label,
    fixed: true,
    transport: 'spray',
    ways: () => idealWays(network),
    capacity: idealCapacity(network.fabric, network.hops, loss),
    after: (next) => ideal(next, label, loss),
  };
}

/** Hot paths pinned as flow/pin.ts does it, over what the transport leaves the rest to. */
function hybrid(network: Network, label: string, count: number, seed: number, efficiency: number): Policy {
  const { fabric, hops, planes } = network;
  const roce = fabric.transport === 'roce';
  const base = roce
    ? plain(network, label, false, (draw) => ({ kind: 'ecmp', seed: ecmpSeed(seed, draw), queuePairs: 1 }))
    : adaptive(network, label, efficiency);
  const pins = (draw: number): PinnedRoutes => {
    const over = roce
      ? ({ kind: 'ecmp', seed: ecmpSeed(seed, draw), queuePairs: 1 } as const)
      : ({ kind: 'adaptive' } as const);
    const options = { count, unit: roce ? ('pair' as const) : ('leaf' as const) };
    const { routes } = pinHotPaths(fabric, hops, planes.flows, over, options);
    return roce ? routes : asOneTable({ fabric }, routes);
  };
  return { ...base, ways: (draw) => waysOf(network, pins(draw)) };
}

function liveRates(fabric: Fabric): Float64Array {
  return fabric.linkRate.map((rate, l) => (fabric.linkAlive[l] === 1 ? rate : 0));
}
