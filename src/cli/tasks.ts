import { whatIfTask } from '../advise/what-if.ts';
import type { Task } from '../base/context.ts';
import { fluidTask } from '../fluid/simulate.ts';
import { riskRuns } from '../risk/simulate.ts';
import { simulateTask } from '../simulate/run.ts';

/** What a worker thread can be asked to do, by name. */
export const tasks: readonly Task<never, unknown>[] = [fluidTask, simulateTask, riskRuns, whatIfTask];
