/**
 * Effective training time ratio: useful compute over elapsed time, for blocking checkpoints and Poisson failures.
 * All times in seconds.
 */
export interface Cycle {
  /** Failures a second of the whole job, N r. */
  readonly rate: number;
  /** Compute between checkpoints, dt. */
  readonly interval: number;
  /** Time that a checkpoint stops the job, w. */
  readonly write: number;
  /** From a failure to the moment it is noticed; nothing more can break meanwhile. */
  readonly detection: number;
  /** From then to training again; failures strike here too. */
  readonly restart: number;
  /** Waiting for machines after each failure. */
  readonly queue: number;
}

export type EttrForm = 'first-order' | 'exact';

/** N r (u0 + dt/2): the share of time that failures cost, to first order. It says which form may be used. */
export function failureLoad({ rate, interval, detection, restart }: Cycle): number {
  return rate * (detection + restart + interval / 2);
}

/** (1 - N r (u0 + dt/2)) / ((1 + w/dt)(1 + N r q)), as published (arXiv:2410.21680); negative far outside its range. */
export function firstOrderEttr(cycle: Cycle): number {
  const { rate, interval, write, queue } = cycle;
  return (1 - failureLoad(cycle)) / ((1 + write / interval) * (1 + rate * queue));
}

/**
 * The exact renewal form. A segment of dt + w is repeated until no failure falls into it, each repetition after a
 * restart that can fail as well: exp(N r R) (exp(N r (dt + w)) - 1) failures a segment on average, and between two
 * of them 1 / (N r) of running time. Always between 0 and 1.
 */
export function exactEttr({ rate, interval, write, detection, restart, queue }: Cycle): number {
  if (rate === 0) return interval / (interval + write);
  const failures = Math.exp(rate * restart) * Math.expm1(rate * (interval + write));
  return interval / (failures * (1 / rate + detection + queue));
}

/** The closed form where it holds, the exact one above: `limit` bounds the failure load of the first. */
export function ettr(cycle: Cycle, limit: number): { readonly form: EttrForm; readonly value: number } {
  return failureLoad(cycle) < limit
    ? { form: 'first-order', value: firstOrderEttr(cycle) }
    : { form: 'exact', value: exactEttr(cycle) };
}
