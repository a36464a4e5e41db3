import type { Checks } from '../plan/types.ts';
import { Exit } from './output.ts';

/** A plan is a test: every expectation that does not hold is named, and the exit status says so. */
export function reportMisses(checks: Pick<Checks, 'expectations'> | undefined): number {
  const missed = (checks?.expectations ?? []).filter((e) => !e.met);
  for (const e of missed) process.stderr.write(`expected ${e.expectation}, found ${e.found}\n`);
  return missed.length > 0 ? Exit.unexpected : Exit.done;
}
