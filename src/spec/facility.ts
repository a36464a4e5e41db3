import type { NodeShape } from '../catalog/types.ts';
import { nearest } from '../units/nearest.ts';
import type { Resolver } from './resolver.ts';
import type { RawFacility } from './schema.ts';
import type { Facility } from './types.ts';

/** Grids of the catalog are the constants of this name. */
export const GRID = 'carbon.grid.';

/** Fields that mean something for one kind of economy only. */
const ONLY = {
  rent: ['gpuHour'],
  own: [
    'gpuPrice',
    'amortisation',
    'costOfCapital',
    'utilisation',
    'staff',
    'storage',
    'electricity',
    'prices',
  ],
} as const;

/** What the job costs and burns: prices that are left out are the catalog's, read where they are used. */
export function resolveFacility(
  raw: RawFacility,
  gpus: number | undefined,
  node: NodeShape | undefined,
  r: Resolver,
): Facility {
  const economy = r.take('facility.economy', raw.economy, 'rent', 'what a GPU hour costs is public');
  warnUnused(raw, economy, r);
  return {
    economy,
    pue: r.take(
      'facility.pue',
      raw.pue,
      1.3,
      'between a new large hall (1.1) and the average of surveys (1.56)',
    ),
    gpuHour: raw.gpuHour ?? null,
    gpuPrice: raw.gpuPrice ?? null,
    amortisation: raw.amortisation ?? null,
    costOfCapital: raw.costOfCapital ?? null,
    utilisation: raw.utilisation ?? null,
    staff: raw.staff ?? null,
    storage: raw.storage ?? null,
    electricity: raw.electricity ?? null,
    ...resolveGrid(raw, r),
    cap: raw.cap ?? null,
    stages: resolveStages(raw.stages, gpus ?? 0, node?.gpus ?? 1, r),
    prices: raw.prices ?? {},
  };
}

/** Rent is GPU hours and nothing else, so that nothing is counted twice. */
function warnUnused(raw: RawFacility, economy: Facility['economy'], r: Resolver): void {
  const other = economy === 'rent' ? 'own' : 'rent';
  for (const key of ONLY[other]) {
    if (raw[key] === undefined) continue;
    r.report({
      code: 'no-effect',
      severity: 'warning',
      path: ['facility', key],
      message: `${key} changes nothing where economy is ${economy}`,
      hint: `economy: ${other} counts it`,
    });
  }
  if (economy === 'own' && raw.gpuPrice !== undefined && raw.prices?.server !== undefined) {
    r.report({
      code: 'conflict',
      path: ['facility', 'prices', 'server'],
      message: 'gpuPrice already holds the share of the server',
      allowed: 'gpuPrice, or prices.gpu with prices.server',
    });
  }
}

function resolveGrid(raw: RawFacility, r: Resolver): Pick<Facility, 'grid' | 'carbon'> {
  if (raw.carbon !== undefined) return { grid: 'given', carbon: raw.carbon };
  const grids = r.catalog
    .ids('constant')
    .filter((id) => id.startsWith(GRID))
    .map((id) => id.slice(GRID.length));
  const grid = r.take('facility.grid', raw.grid, 'world', 'the average of all electricity');
  if (!grids.includes(grid)) {
    const near = nearest(grid, grids);
    r.report({
      code: 'unknown-name',
      path: ['facility', 'grid'],
      message: `there is no grid '${grid.slice(0, 60)}' in the catalog`,
      allowed: grids.join(', '),
      ...(near === undefined ? {} : { nearest: near }),
      hint: 'or give carbon: 400 g/kWh',
    });
  }
  return { grid, carbon: null };
}

/** A quarter, a half and all, in whole servers, where the spec says nothing. */
function resolveStages(
  given: readonly number[] | undefined,
  gpus: number,
  perNode: number,
  r: Resolver,
): readonly number[] {
  if (given === undefined) {
    const whole = (share: number) => Math.max(perNode, Math.round((gpus * share) / perNode) * perNode);
    const stages = [...new Set([whole(0.25), whole(0.5), gpus])].filter((g) => g <= gpus);
    r.note('facility.stages', stages, 'a quarter, a half, all');
    return stages;
  }
  const bad = given.findIndex((g) => g % perNode !== 0);
  if (bad >= 0) {
    r.report({
      code: 'indivisible',
      path: ['facility', 'stages', bad],
      message: `${given[bad]} GPUs do not fill servers of ${perNode}`,
      allowed: `a multiple of ${perNode}`,
      nearest: String(Math.max(1, Math.round(given[bad]! / perNode)) * perNode),
    });
  }
  const last = given[given.length - 1]!;
  if (gpus > 0 && last !== gpus) {
    r.report({
      code: 'out-of-range',
      path: ['facility', 'stages'],
      message: `the last stage has ${last} GPUs, and the cluster ${gpus}`,
      allowed: `stages that end with ${gpus}`,
    });
  }
  return given;
}
