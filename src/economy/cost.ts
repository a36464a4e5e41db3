import { ensure } from '../base/result.ts';
import { pow } from '../numeric/power.ts';
import { PETABYTE, PORT_RATE } from './energy.ts';
import type { LeverName } from './levers.ts';
import type { OperatingPart, PartId, Plant } from './types.ts';

export type Values = Readonly<Partial<Record<LeverName, number>>>;

/** What costs hang on besides prices. Watts at the grid while the job trains; machines' watts at their peak. */
export interface Load {
  readonly plant: Plant;
  readonly siteWatts: number;
  readonly peakMachineWatts: number;
  readonly people: number;
}

const DAYS = 365;
const HOURS = 24;
const KILO = 1000;
const MEGA = KILO * KILO;

export interface PartCost {
  readonly id: PartId;
  readonly count: number;
  readonly usd: number;
  /** Years. */
  readonly life: number;
}

/** What is bought, at these prices. Nothing where a rent is paid. */
export function capitalParts({ plant, peakMachineWatts }: Load, v: Values): PartCost[] {
  if (v.gpuHour !== undefined) return [];
  const life = need(v, 'life');
  const cabling = (plant.hostCableRate + plant.switchCableRate) / PORT_RATE;
  const part = (id: PartId, count: number, price: number, years = life): PartCost => ({
    id,
    count,
    usd: count * price,
    life: years,
  });
  const equipment = [
    part('gpus', plant.gpus, need(v, 'gpu')),
    ...(v.server === undefined ? [] : [part('servers', plant.servers, v.server)]),
    part('switches', (plant.leafRate + plant.upperRate) / PORT_RATE, need(v, 'switchPort')),
    part('optics', cabling, need(v, 'optics')),
    part('cables', cabling, need(v, 'cable')),
  ];
  const bought = equipment.reduce((usd, p) => usd + p.usd, 0);
  return [
    ...equipment,
    part('spares', 1, bought * need(v, 'spares')),
    part('storage', plant.storageBytes / PETABYTE, need(v, 'storage')),
    part('building', peakMachineWatts / MEGA, need(v, 'building'), need(v, 'buildingLife')),
  ];
}

/** USD of a day: rent alone, or what owning comes to. Capital is paid back in equal yearly sums with interest. */
export function operatingParts(load: Load, v: Values): OperatingPart[] {
  if (v.gpuHour !== undefined) return [{ id: 'rent', perDay: load.plant.gpus * v.gpuHour * HOURS }];
  const interest = need(v, 'costOfCapital');
  let amortisation = 0;
  let capital = 0;
  let equipment = 0;
  for (const { id, usd, life } of capitalParts(load, v)) {
    amortisation += usd / life;
    capital += usd * annuity(interest, life) - usd / life;
    if (id !== 'building') equipment += usd;
  }
  return [
    { id: 'amortisation', perDay: amortisation / DAYS },
    { id: 'cost-of-capital', perDay: capital / DAYS },
    { id: 'electricity', perDay: (load.siteWatts / KILO) * HOURS * need(v, 'electricity') },
    { id: 'maintenance', perDay: (equipment * need(v, 'maintenance')) / DAYS },
    { id: 'staff', perDay: (load.people * need(v, 'person')) / DAYS },
  ];
}

/** Yearly payment that pays one unit back over so many years with interest: r / (1 - (1 + r)^-n). */
export function annuity(interest: number, years: number): number {
  if (interest === 0) return 1 / years;
  return interest / (1 - pow(1 + interest, -years));
}

export function perDay(load: Load, v: Values): number {
  return operatingParts(load, v).reduce((usd, p) => usd + p.perDay, 0);
}

/** USD of an hour in which a GPU has work: rent is paid for such hours; an owner's idle hours are shared out over them. */
export function perGpuHour(load: Load, v: Values): number {
  if (v.gpuHour !== undefined) return v.gpuHour;
  return perDay(load, v) / (load.plant.gpus * HOURS * need(v, 'utilisation'));
}

function need(v: Values, name: LeverName): number {
  return ensure(v[name], `price of ${name}`);
}
