import { ok, type Result } from '../base/result.ts';
import type { Catalog, Gpu, NodeShape } from '../catalog/types.ts';
import { GRID } from '../spec/facility.ts';
import type { Facility } from '../spec/types.ts';
import type { Step } from '../step/types.ts';
import { capitalParts, type Load, operatingParts, perDay, perGpuHour, type Values } from './cost.ts';
import { type PowerInput, peakMachines, powerOf } from './energy.ts';
import { type Levers, leversOf } from './levers.ts';
import { plantAt } from './plant.ts';
import { ranged, sensitivity, valuesOf } from './ranges.ts';
import type { BuildStage, Capital, Carbon, Economy, Energy, Plant, RunCost } from './types.ts';

export interface EconomyInput {
  readonly facility: Facility;
  readonly plant: Plant;
  readonly node: NodeShape;
  readonly gpu: Gpu;
  /** Tokens of the run. */
  readonly tokens: number;
  /** Without it a day is priced, and no run. */
  readonly step?: Step;
  /** Effective share of the time; without it failures cost nothing, and the plan says so. */
  readonly ettr?: number;
}

const YEAR = 31_536_000;
const DAY = 86_400;
const KILOWATT_HOUR = 3_600_000;

/**
 * What the job costs and burns: capital, a day, a run and a token; power from the chip to the grid; carbon; what the
 * cost is most sensitive to; what each stage of a build-out buys. Prices nobody knows are issues.
 */
export function analyseEconomy(input: EconomyInput, catalog: Catalog): Result<Economy> {
  const { facility, plant, node, gpu, step } = input;
  const known = leversOf(facility, node, catalog);
  if (!known.ok) return known;
  const levers = known.value;
  const power: PowerInput = { plant, node, gpu, pue: facility.pue };
  const computing = step === undefined ? 1 : computingShare(step);
  const energy = powerOf({ ...power, computing, cap: facility.cap }, catalog);
  const load = loadOf(power, energy.site, facility, catalog);
  const run = step && runCost(input, step, load, levers);
  return ok({
    mode: facility.economy,
    capital: capital(load, levers),
    operating: {
      perDay: ranged(levers, (v) => perDay(load, v)),
      perGpuHour: ranged(levers, (v) => perGpuHour(load, v)),
      parts: operatingParts(load, valuesOf(levers)),
    },
    ...(run && { run }),
    energy: withRun(energy, run, input.tokens),
    carbon: carbonOf(facility, energy, run, catalog),
    sensitivity: sensitivity(levers, (v) => (run ? run.gpuHours * perGpuHour(load, v) : perDay(load, v))),
    buildOut: buildOut(input, levers, computing, catalog),
  });
}

/** Share of the slowest rank's step in which it computes rather than waits. */
function computingShare({ seconds, breakdown: b }: Step): number {
  const busy = b.forward + b.backward + b.weightGradient + b.recompute + b.optimizer;
  return Math.min(1, busy / seconds);
}

function loadOf(power: PowerInput, siteWatts: number, facility: Facility, catalog: Catalog): Load {
  const owned = facility.economy === 'own';
  const people = !owned
    ? 0
    : (facility.staff ?? Math.ceil(power.plant.gpus / catalog.get('staff.gpus-per-person').value));
  return {
    plant: power.plant,
    siteWatts,
    peakMachineWatts: owned ? peakMachines(power, catalog) : 0,
    people,
  };
}

function capital(load: Load, levers: Levers): Capital {
  const total = (v: Values) => capitalParts(load, v).reduce((usd, p) => usd + p.usd, 0);
  const whole = ranged(levers, total);
  return {
    ...whole,
    perGpu: whole.usd / load.plant.gpus,
    parts: capitalParts(load, valuesOf(levers)).map(({ id, count, life }, i) => ({
      id,
      count,
      life: life * YEAR,
      ...ranged(levers, (v) => capitalParts(load, v)[i]!.usd),
    })),
  };
}

function runCost({ tokens, ettr = 1 }: EconomyInput, step: Step, load: Load, levers: Levers): RunCost {
  const gpuHours = step.gpuHours / ettr;
  const cost = ranged(levers, (v) => gpuHours * perGpuHour(load, v));
  return {
    ...cost,
    perToken: cost.usd / tokens,
    gpuHours,
    days: step.runSeconds / ettr / DAY,
    ettr,
    failureShare: 1 - ettr,
    failureUsd: cost.usd * (1 - ettr),
  };
}

function withRun(energy: Energy, run: RunCost | undefined, tokens: number): Energy {
  if (run === undefined) return energy;
  const perRun = energy.perDay * run.days;
  return { ...energy, perRun, perToken: perRun / tokens };
}

function carbonOf(facility: Facility, energy: Energy, run: RunCost | undefined, catalog: Catalog): Carbon {
  const intensity = facility.carbon ?? catalog.get(`${GRID}${facility.grid}`).value / KILOWATT_HOUR;
  const day = energy.perDay * intensity;
  return { grid: facility.grid, intensity, perDay: day, ...(run && { perRun: day * run.days }) };
}

function buildOut(input: EconomyInput, levers: Levers, computing: number, catalog: Catalog): BuildStage[] {
  const { facility, plant: whole, node, gpu, step } = input;
  const values = valuesOf(levers);
  let before = 0;
  return facility.stages.map((gpus) => {
    const plant = plantAt(whole, gpus);
    const power = { plant, node, gpu, pue: facility.pue };
    const { site } = powerOf({ ...power, computing, cap: null }, catalog);
    const load = loadOf(power, site, facility, catalog);
    const totalUsd = capitalParts(load, values).reduce((usd, p) => usd + p.usd, 0);
    const stage = {
      gpus,
      servers: plant.servers,
      switches: plant.leaves + plant.upperSwitches,
      cables: plant.cables,
      site,
      usd: totalUsd - before,
      totalUsd,
      perDay: perDay(load, values),
      ...(step && { tokensPerDay: step.tokensPerDay * (gpus / whole.gpus) }),
    };
    before = totalUsd;
    return stage;
  });
}
