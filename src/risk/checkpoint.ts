import type { Catalog } from '../catalog/types.ts';
import { dalyInterval, exactInterval, youngInterval } from './interval.ts';
import type { CheckpointPlan, RiskInput } from './types.ts';

/**
 * What a checkpoint costs here, and how often one should be made: the whole state over the storage's bandwidth; of
 * an asynchronous one only the copy into host memory stops the job. `mttf` in seconds.
 */
export function planCheckpoints(
  { job, reliability }: RiskInput,
  mttf: number,
  catalog: Catalog,
): CheckpointPlan {
  const { kind, storage: given, interval } = reliability.checkpoint;
  const storage = given ?? catalog.get('risk.storage.write-rate').value * job.gpus;
  const writeSeconds = job.checkpointBytes / storage;
  const stallSeconds = kind === 'blocking' ? writeSeconds : snapshotSeconds(job, catalog);
  return {
    kind,
    bytes: job.checkpointBytes,
    storage,
    writeSeconds,
    stallSeconds,
    intervals: {
      young: youngInterval(stallSeconds, mttf),
      daly: dalyInterval(stallSeconds, mttf),
      exact: exactInterval(stallSeconds, mttf),
    },
    given: interval !== 'auto',
  };
}

/** Seconds in which every GPU copies its part of the state into host memory. */
export function snapshotSeconds(job: RiskInput['job'], catalog: Catalog): number {
  return job.checkpointBytes / job.gpus / catalog.get('risk.checkpoint.snapshot-rate').value;
}

/** The interval that is used: the one given, or the best; one write ends before the next begins, and none is shorter than a step. */
export function chosenInterval({ job, reliability }: RiskInput, plan: CheckpointPlan): number {
  const { interval } = reliability.checkpoint;
  if (interval !== 'auto') return interval;
  const soonest = plan.kind === 'async' ? plan.writeSeconds : 0;
  return Math.max(plan.intervals.exact, soonest, job.stepSeconds);
}
