import type { Catalog } from '../catalog/types.ts';
import { snapshotSeconds } from './checkpoint.ts';
import { TRAITS } from './components.ts';
import type { Cycle } from './ettr.ts';
import { DAY, totalRate } from './failures.ts';
import type { RunModel } from './run.ts';
import type { CheckpointPlan, ComponentRate, RiskInput } from './types.ts';

interface ModelInput {
  readonly rates: readonly ComponentRate[];
  readonly checkpoint: CheckpointPlan;
  readonly interval: number;
  readonly spares: number;
  readonly repair: number;
}

/** The job and its rates as numbers for the simulation; the run ends when its work is done. */
export function runModel(input: RiskInput, m: ModelInput, catalog: Catalog): RunModel {
  const { job, reliability } = input;
  const { lemons, maintenance, stragglers, checkpoint } = reliability;
  const rate = totalRate(m.rates) / DAY;
  const lemonShare = lemons?.failures ?? 0;
  const nodes = job.gpus / job.gpusPerNode;
  const lemonNodes = lemons === null ? 0 : Math.max(1, Math.round(lemons.share * nodes));
  const blocking = checkpoint.kind === 'blocking';
  let sum = 0;
  return {
    work: job.runSeconds,
    horizon: Number.POSITIVE_INFINITY,
    rate: rate * (1 - lemonShare),
    cumulative: Float64Array.from(m.rates, (r) => {
      sum += r.share;
      return sum;
    }),
    fromMemory: Uint8Array.from(m.rates, (r) => Number(TRAITS[r.component].memory)),
    evicts: Uint8Array.from(m.rates, (r) => Number(TRAITS[r.component].evicts)),
    interval: m.interval,
    stall: m.checkpoint.stallSeconds,
    lag: blocking ? 0 : m.checkpoint.writeSeconds,
    copies: checkpoint.memory === null ? 0 : Math.max(1, Math.round(m.interval / checkpoint.memory)),
    copyStall: snapshotSeconds(job, catalog),
    detection: reliability.detection,
    restart: reliability.restart,
    queue: reliability.queue,
    spares: reliability.spares === null ? Number.POSITIVE_INFINITY : m.spares,
    repair: m.repair,
    lemons: lemonNodes,
    lemonRate: lemonNodes === 0 ? 0 : (rate * lemonShare) / lemonNodes,
    lemonAfter: lemons?.after ?? 1,
    maintenanceEvery: maintenance?.every ?? Number.POSITIVE_INFINITY,
    maintenanceLasts: maintenance?.lasts ?? 0,
    slowEvery: stragglers?.every ?? Number.POSITIVE_INFINITY,
    slowLasts: stragglers?.lasts ?? 0,
    slowdown: stragglers?.slowdown ?? 1,
  };
}

/** Blocking checkpoints, one kind of failure, nothing else: what the closed forms describe, over `horizon` seconds. */
export function blockingModel(cycle: Cycle, horizon: number): RunModel {
  return {
    work: Number.POSITIVE_INFINITY,
    horizon,
    rate: cycle.rate,
    cumulative: Float64Array.of(1),
    fromMemory: Uint8Array.of(0),
    evicts: Uint8Array.of(0),
    interval: cycle.interval,
    stall: cycle.write,
    lag: 0,
    copies: 0,
    copyStall: 0,
    detection: cycle.detection,
    restart: cycle.restart,
    queue: cycle.queue,
    spares: Number.POSITIVE_INFINITY,
    repair: 0,
    lemons: 0,
    lemonRate: 0,
    lemonAfter: 1,
    maintenanceEvery: Number.POSITIVE_INFINITY,
    maintenanceLasts: 0,
    slowEvery: Number.POSITIVE_INFINITY,
    slowLasts: 0,
    slowdown: 1,
  };
}
