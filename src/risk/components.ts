import type { FailureComponent } from '../catalog/types.ts';

interface Traits {
  /** The node is taken out for repair; otherwise the job starts again on the same machines. */
  readonly evicts: boolean;
  /** Copies of the state in other nodes' memory survive it and can be trusted. */
  readonly memory: boolean;
  /** A fault of hardware, which temperature, supply and age bring about. */
  readonly hardware: boolean;
}

/**
 * What a failure of each component means for the job. Copies in memory are lost with a rack's power and cannot be trusted after
 * silent corruption; software, network and unknown faults leave the node usable.
 */
export const TRAITS: Readonly<Record<FailureComponent, Traits>> = {
  gpu: { evicts: true, memory: true, hardware: true },
  hbm: { evicts: true, memory: true, hardware: true },
  silent: { evicts: true, memory: false, hardware: true },
  nic: { evicts: true, memory: true, hardware: true },
  link: { evicts: false, memory: true, hardware: true },
  switch: { evicts: false, memory: true, hardware: true },
  network: { evicts: false, memory: true, hardware: true },
  host: { evicts: true, memory: true, hardware: true },
  storage: { evicts: true, memory: true, hardware: true },
  power: { evicts: true, memory: false, hardware: true },
  software: { evicts: false, memory: true, hardware: false },
  maintenance: { evicts: true, memory: true, hardware: false },
  unknown: { evicts: false, memory: true, hardware: false },
};
