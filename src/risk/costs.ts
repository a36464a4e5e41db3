import { type Cycle, exactEttr } from './ettr.ts';
import type { MinuteCost } from './types.ts';

const MINUTE = 60;
const HOUR = 3600;

/** What one more minute of each delay after a failure takes from the run, by the exact form. */
export function minuteCosts(cycle: Cycle, runSeconds: number, gpus: number): MinuteCost[] {
  const now = exactEttr(cycle);
  return (['detection', 'restart', 'queue', 'write'] as const).map((what) => {
    const longer = exactEttr({ ...cycle, [what]: cycle[what] + MINUTE });
    const seconds = longer > 0 ? runSeconds / longer - runSeconds / now : null;
    return {
      what,
      ettr: longer - now,
      seconds,
      gpuHours: seconds === null ? null : (seconds * gpus) / HOUR,
    };
  });
}
