import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Catalog, NodeShape } from '../catalog/types.ts';
import type { Facility } from '../spec/types.ts';

/** One number the cost hangs on: what it is, and how far it may be off. */
export interface Lever {
  readonly id: string;
  readonly unit: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Names of the numbers that costs are computed from. Times in years, as prices of money are by the year. */
export type LeverName =
  | 'gpuHour'
  | 'gpu'
  | 'server'
  | 'switchPort'
  | 'optics'
  | 'cable'
  | 'spares'
  | 'storage'
  | 'building'
  | 'person'
  | 'maintenance'
  | 'electricity'
  | 'costOfCapital'
  | 'life'
  | 'buildingLife'
  | 'utilisation';

export type Levers = Readonly<Partial<Record<LeverName, Lever>>>;

const KILOWATT_HOUR = 3_600_000;
const YEAR = 31_536_000;

/**
 * The numbers of this facility: what the spec gives stands as given, everything else comes from the catalog with its
 * range. A server or GPU whose price nobody knows is an issue, not a guess.
 */
export function leversOf(facility: Facility, node: NodeShape, catalog: Catalog): Result<Levers> {
  const constants = new Set(catalog.ids('constant'));
  const from = (id: string, given: number | null | undefined, field: string): Lever => {
    if (given !== null && given !== undefined)
      return exactly(`facility.${field}`, given, unitOf(id, catalog));
    const { value, low = value, high = value, unit } = catalog.get(id);
    return { id, unit, value, low, high };
  };
  if (facility.economy === 'rent') {
    const own = `price.gpu-hour.${node.gpu}`;
    const id = constants.has(own) ? own : 'price.gpu-hour.other';
    return ok({ gpuHour: from(id, facility.gpuHour, 'gpuHour') });
  }
  const { prices } = facility;
  const unknown = unpriced(facility, node, constants);
  if (unknown.length > 0) return fail(unknown);
  return ok({
    ...(facility.gpuPrice === null
      ? {
          gpu: from(`price.gpu.${node.gpu}`, prices.gpu, 'prices.gpu'),
          server: from(`price.server.${node.id}`, prices.server, 'prices.server'),
        }
      : { gpu: exactly('facility.gpuPrice', facility.gpuPrice, 'USD') }),
    switchPort: from('price.switch.port', prices.switchPort, 'prices.switchPort'),
    optics: from('price.optics', prices.optics, 'prices.optics'),
    cable: from('price.cable', prices.cable, 'prices.cable'),
    spares: from('price.spares', prices.spares, 'prices.spares'),
    storage: from('price.storage', prices.storage, 'prices.storage'),
    building: from('price.building', prices.building, 'prices.building'),
    person: from('price.person', prices.person, 'prices.person'),
    maintenance: from('price.maintenance', prices.maintenance, 'prices.maintenance'),
    electricity: from('price.electricity', times(facility.electricity, KILOWATT_HOUR), 'electricity'),
    costOfCapital: from('finance.cost-of-capital', facility.costOfCapital, 'costOfCapital'),
    life: from('finance.life.equipment', times(facility.amortisation, 1 / YEAR), 'amortisation'),
    buildingLife: from('finance.life.building', null, ''),
    utilisation: from('utilisation.cluster', facility.utilisation, 'utilisation'),
  });
}

function exactly(id: string, value: number, unit: string): Lever {
  return { id, unit, value, low: value, high: value };
}

/** The unit of a constant, looked at without counting it as used. */
function unitOf(id: string, catalog: Catalog): string {
  return catalog.ids('constant').includes(id) ? catalog.track(new Set()).get(id).unit : 'USD';
}

const times = (x: number | null, factor: number): number | null => (x === null ? null : x * factor);

function unpriced({ gpuPrice, prices }: Facility, node: NodeShape, constants: ReadonlySet<string>) {
  if (gpuPrice !== null) return [];
  const wanted = [
    { id: `price.gpu.${node.gpu}`, given: prices.gpu, field: 'gpu' },
    { id: `price.server.${node.id}`, given: prices.server, field: 'server' },
  ];
  return wanted
    .filter(({ id, given }) => given === undefined && !constants.has(id))
    .map(({ id, field }) =>
      issue({
        code: 'no-price',
        path: ['facility', 'economy'],
        message: `the catalog has no price '${id}', and an owned cluster needs it`,
        hint: `give facility.prices.${field}, or facility.gpuPrice for both, or a --catalog with ${id}`,
      }),
    );
}
