import { afterAll, describe, expect, it } from 'vitest';
import { simulate } from '../../src/fluid/simulate.ts';
import type { FluidSystem } from '../../src/fluid/types.ts';
import { stream } from '../../src/numeric/random.ts';
import { moduloTables } from '../../src/routes/modulo.ts';
import { clos2, clos3 } from '../support/fabrics.ts';
import { permutationFlows, type RoutedFlows, routedFlows, shiftFlows } from '../support/flow-patterns.ts';
import { type Simgrid, simgrid, simgridMissing } from '../support/simgrid.ts';

const missing = simgridMissing();
if (missing !== null) console.log(`skipped: SimGrid tests, ${missing}`);

/** Relative. SimGrid takes instants within 1e-9 s as one, so the flows here last tenths of a second. */
const TOLERANCE = 1e-6;

describe.skipIf(missing !== null)('SimGrid, pure max-min on the same routes', () => {
  let peer: Simgrid | undefined;
  afterAll(() => peer?.close());

  it.each<[string, () => RoutedFlows]>([
    ['permutations on 128 hosts', () => on(8, 16, permutationFlows(128, 1000, 1e9, 1))],
    ['permutations on 512 hosts', () => on(16, 32, permutationFlows(512, 3000, 1e9, 2))],
    ['shifts on 256 hosts', () => on(8, 32, shiftFlows(256, 4000, 1e9))],
    ['permutations on 128 hosts in three layers', () => tall(permutationFlows(128, 1500, 1e9, 3))],
    ['random sizes, random begins', () => varied(on(8, 16, permutationFlows(128, 1200, 1, 4)))],
    ['links of different rates', () => uneven(on(8, 16, permutationFlows(128, 1000, 1e9, 5)))],
  ])('ends the flows when ours end: %s', (_, make) => {
    peer ??= simgrid();
    const { system, ends } = make();
    const { finish } = peer.run(system, ends);
    const ours = simulate(system).finish;
    const worst = finish.reduce((most, t, f) => Math.max(most, Math.abs(t - ours[f]!) / t), 0);
    expect(worst).toBeLessThan(TOLERANCE);
    // A peer that said nothing would agree with anybody.
    expect(Math.max(...finish)).toBeGreaterThan(Math.min(...finish));
  });
});

function on(leaves: number, hostsPerLeaf: number, flows: Parameters<typeof routedFlows>[1]): RoutedFlows {
  return routedFlows(clos2({ leaves, spines: hostsPerLeaf, hostsPerLeaf }), flows, moduloTables);
}

function tall(flows: Parameters<typeof routedFlows>[1]): RoutedFlows {
  return routedFlows(clos3(8), flows, moduloTables);
}

function varied({ system, ends }: RoutedFlows): RoutedFlows {
  const random = stream(7, 'varied');
  const { count } = system.flows;
  const bytes = Float64Array.from({ length: count }, () => 1e8 + random.below(2e9));
  const offset = Float64Array.from({ length: count }, () => random.below(1000) * 1e-4);
  return { system: { ...system, flows: { ...system.flows, bytes, offset } }, ends };
}

function uneven({ system, ends }: RoutedFlows): RoutedFlows {
  const random = stream(8, 'uneven');
  const made: FluidSystem = { ...system, capacity: system.capacity.map(() => 1e9 * (1 + random.below(50))) };
  return { system: made, ends };
}
