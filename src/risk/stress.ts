import type { Catalog, FailureComponent } from '../catalog/types.ts';
import { pow } from '../numeric/power.ts';
import { TRAITS } from './components.ts';
import { DAY } from './failures.ts';
import type { ComponentRate, RiskInput, StressChain, StressFactor } from './types.ts';

/**
 * How stress raises the rate of hardware faults, each factor with its own source and switch: temperature by Arrhenius or a line,
 * age by Weibull hazards. Power drops add failures of their own. Without stress all factors are 1.
 */
export function stressFactors({ job, reliability }: RiskInput, catalog: Catalog): StressFactor[] {
  const { thermal, thermalModel, age } = reliability.stress;
  const factors: StressFactor[] = [];
  if (thermal !== 0) {
    const { source } = catalog.get(
      thermalModel === 'linear' ? 'risk.thermal.linear' : 'risk.thermal.activation',
    );
    factors.push({ what: 'temperature', factor: thermalFactor(thermal, thermalModel, catalog), source });
  }
  if (age !== null) {
    const { source } = catalog.get('risk.age.infant-shape');
    factors.push({ what: 'age', factor: ageFactor(age, job.runSeconds, catalog), source });
  }
  return factors;
}

/** Rate at `kelvin` above the fleet's junctions over that at the fleet's. */
export function thermalFactor(kelvin: number, model: 'arrhenius' | 'linear', catalog: Catalog): number {
  if (model === 'linear') return Math.max(0, 1 + catalog.get('risk.thermal.linear').value * kelvin);
  const base = catalog.get('risk.thermal.junction').value;
  const energy = catalog.get('risk.thermal.activation').value / catalog.get('risk.boltzmann').value;
  return Math.exp(energy * (1 / base - 1 / (base + kelvin)));
}

/**
 * Mean hazard over the run over that of a whole service life: infant mortality (a Weibull shape below 1) and wear-out (one above
 * 1) side by side, each with mean 1 over the service life.
 */
export function ageFactor(age: number, runSeconds: number, catalog: Catalog): number {
  const life = catalog.get('risk.age.service-life').value;
  const wear = catalog.get('risk.age.wear-share').value;
  const from = age / life;
  const span = Math.max(runSeconds, DAY) / life;
  const mean = (shape: number) => (pow(from + span, shape) - pow(from, shape)) / span;
  const infant = mean(catalog.get('risk.age.infant-shape').value);
  return (1 - wear) * infant + wear * mean(catalog.get('risk.age.wear-shape').value);
}

/** What the factors together do to a component's rate. */
export function raiseBy(factors: readonly StressFactor[]): (component: FailureComponent) => number {
  const product = factors.reduce((x, f) => x * f.factor, 1);
  return (component) => (TRAITS[component].hardware ? product : 1);
}

/** Failures a day that power drops add to the job. */
export function powerDropFailures({ job, reliability }: RiskInput, catalog: Catalog): number {
  const { powerDrops } = reliability.stress;
  if (powerDrops === 0) return 0;
  const nodes = job.gpus / job.gpusPerNode;
  return powerDrops * DAY * nodes * catalog.get('risk.power-drop.node-failure').value;
}

/** The whole chain in numbers: stress, faults, the silent share of them, and the diverging share of those. */
export function stressChain(
  { reliability }: RiskInput,
  factors: readonly StressFactor[],
  rates: readonly ComponentRate[],
  silent: { readonly perDay: number; readonly divergingPerDay: number },
  powerDrops: number,
  catalog: Catalog,
): StressChain {
  const hardware = rates.reduce((sum, r) => sum + (TRAITS[r.component].hardware ? r.perDay : 0), 0);
  return {
    factors,
    hardwareFactor: factors.reduce((x, f) => x * f.factor, 1),
    powerDropFailuresPerDay: powerDrops,
    hardwareFaultsPerDay: hardware,
    silentShare: silent.perDay / (hardware + silent.perDay),
    silentPerDay: silent.perDay,
    divergingShare: catalog.get('risk.silent.diverging').value,
    divergingPerDay: silent.divergingPerDay,
    sources: {
      silent: catalog.get(`risk.silent.rate.${reliability.silent.rate}`).source,
      diverging: catalog.get('risk.silent.diverging').source,
      powerDrops: catalog.get('risk.power-drop.node-failure').source,
    },
  };
}
