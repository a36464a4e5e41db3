import type { Catalog, Gpu, NodeShape } from '../catalog/types.ts';
import type { Energy, EnergyPart, Plant } from './types.ts';

/** The rate that port prices and watts are given for: 400 Gb/s in bytes/s. */
export const PORT_RATE = 50_000_000_000; // literal: 400 Gb/s, the unit of the catalog's port prices
export const PETABYTE = 1_000_000_000_000_000; // literal: a unit
const DAY = 86_400;

export interface PowerInput {
  readonly plant: Plant;
  readonly node: NodeShape;
  readonly gpu: Gpu;
  readonly pue: number;
}

/** Watts of the machines when each GPU draws the given share of its rating. Network, storage and the rest do not vary. */
function machineParts({ plant, node, gpu }: PowerInput, gpuShare: number, catalog: Catalog): EnergyPart[] {
  const get = (id: string) => catalog.get(id).value;
  const gpus = gpu.power * node.gpus;
  const rated = node.power ?? gpus * get('power.server.over-gpus');
  const ports = (plant.leafRate + plant.upperRate) / PORT_RATE;
  const ends = (2 * (plant.hostCableRate + plant.switchCableRate)) / PORT_RATE;
  return [
    { id: 'gpus', watts: plant.gpus * gpu.power * gpuShare },
    { id: 'servers', watts: plant.servers * Math.max(0, rated - gpus) * get('power.server.rest') },
    { id: 'switches', watts: ports * get('power.switch.port') },
    { id: 'optics', watts: ends * get('power.optics.end') },
    { id: 'storage', watts: (plant.storageBytes / PETABYTE) * get('power.storage') },
  ];
}

const sum = (parts: readonly EnergyPart[]): number => parts.reduce((w, p) => w + p.watts, 0);

/** Watts of the machines with every GPU computing: what the building is made for. */
export function peakMachines(input: PowerInput, catalog: Catalog): number {
  return sum(machineParts(input, catalog.get('power.gpu.computing').value, catalog));
}

/**
 * Power from the chip to the grid. `computing` is the share of the step in which GPUs compute; in the rest they wait.
 * The building's own power is (PUE - 1) times the machines', split into losses of distribution and cooling.
 */
export function powerOf(
  input: PowerInput & { readonly computing: number; readonly cap: number | null },
  catalog: Catalog,
): Energy {
  const share = (name: string) => catalog.get(`power.gpu.${name}`).value;
  const { computing, pue, cap } = input;
  const at = (gpuShare: number) => sum(machineParts(input, gpuShare, catalog)) * pue;
  const parts = machineParts(
    input,
    share('computing') * computing + share('waiting') * (1 - computing),
    catalog,
  );
  const machines = sum(parts);
  const site = machines * pue;
  const overhead = site - machines;
  const lost = overhead * catalog.get('power.overhead.distribution').value;
  const peak = at(share('computing'));
  const idle = at(share('idle'));
  return {
    parts: [...parts, { id: 'cooling', watts: overhead - lost }, { id: 'distribution', watts: lost }],
    machines,
    site,
    peak,
    trough: at(share('waiting')),
    idle,
    swing: peak - idle,
    pue,
    computing,
    cap,
    withinCap: cap === null || peak <= cap,
    perDay: site * DAY,
  };
}

/** Joules that so many GPUs (or servers) of a measured power take in a time, with the building's share. */
export function trainingEnergy(devices: number, watts: number, seconds: number, pue: number): number {
  return devices * watts * seconds * pue;
}
