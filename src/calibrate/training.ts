import type { Catalog } from '../catalog/types.ts';
import { nemoTrials } from '../step/nemo-trials.ts';
import {
  b200Trials,
  fsdpTrials,
  korthikantiTrials,
  llamaTrials,
  prepareTrial,
  sc21Trials,
} from '../step/trials.ts';
import type { Trial } from '../step/types.ts';
import type { Weighted } from './fit.ts';

/**
 * Which published steps the constants of a GPU are fitted to, and what each row of a table counts: tables of few rows
 * are not drowned by those of many.
 */
export const TRAINING: Readonly<Record<string, readonly Table[]>> = {
  a100: [
    { table: 'SC21', trials: sc21Trials, weight: 5 },
    { table: 'KOR5', trials: korthikantiTrials, weight: 25 },
    { table: 'FSDP', trials: fsdpTrials, weight: 0.3 },
  ],
  h100: [
    { table: 'NEMO', trials: nemoTrials, weight: 1 },
    { table: 'LLAMA3', trials: llamaTrials, weight: 1 },
  ],
  b200: [{ table: 'B200', trials: b200Trials, weight: 1 }],
};

interface Table {
  /** Id of the published figure; ids of its trials begin with it. */
  readonly table: string;
  readonly trials: (catalog: Catalog) => Trial[];
  readonly weight: number;
}

/** The trials of one GPU's fit, prepared. */
export function trainingOf(gpu: string, catalog: Catalog): Weighted[] {
  return (TRAINING[gpu] ?? []).flatMap(({ trials, weight }) =>
    trials(catalog).map((t) => ({ trial: prepareTrial(t, catalog), weight })),
  );
}
