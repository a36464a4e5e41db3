import type { Context, Task } from '../base/context.ts';
import { type FluidPart, partsOf } from './parts.ts';
import { FluidRun, type Recording, type RunHooks } from './run.ts';
import { firstEqual } from './same.ts';
import type { FluidOptions, FluidResult, FluidSystem, LinkUsage } from './types.ts';
import { joinUsage, leastTime } from './usage.ts';

/**
 * When each flow begins and ends under max-min fair sharing. Parts that do not touch are solved apart, one that equals an
 * earlier one not at all. O(what changes at each begin and end, log of it): see rates.ts. One thread.
 */
export function simulate(system: FluidSystem, options: FluidOptions = {}): FluidResult {
  const division = divide(system, options);
  return join(
    system,
    division,
    division.items.map((item) => solve(item, options)),
  );
}

/** The same, bit for bit, with the parts on as many workers as there are. */
export async function simulateParallel(
  system: FluidSystem,
  { parallel }: Pick<Context, 'parallel'>,
  options: FluidOptions = {},
): Promise<FluidResult> {
  if (parallel.workers < 2) return simulate(system, options);
  const division = divide(system, options);
  return join(system, division, await parallel.map(fluidTask, division.items));
}

/** What a worker gets: plain data. */
interface FluidItem {
  readonly system: FluidSystem;
  readonly recording: Recording | null;
}

export const fluidTask: Task<FluidItem, FluidResult> = { name: 'fluid', run: (item) => solve(item, {}) };

function solve({ system, recording }: FluidItem, hooks: RunHooks): FluidResult {
  return new FluidRun(system, recording, hooks).run();
}

interface Division {
  readonly parts: readonly FluidPart[];
  readonly items: readonly FluidItem[];
  /** Item that has the result of each part. */
  readonly itemOf: readonly number[];
}

function divide(system: FluidSystem, options: FluidOptions): Division {
  const intervals = 2 * (options.intervals ?? 0);
  const recording = intervals === 0 ? null : { intervals, width: leastTime(system) / intervals };
  const parts = partsOf(system);
  const first = firstEqual(parts.map((part) => part.system));
  const solved = parts.map((_, i) => i).filter((i) => first[i] === i);
  return {
    parts,
    items: solved.map((i) => ({ system: parts[i]!.system, recording })),
    itemOf: first.map((i) => solved.indexOf(i)),
  };
}

/** Results of the parts, in their order, as those of the whole. */
function join(
  system: FluidSystem,
  { parts, itemOf }: Division,
  results: readonly FluidResult[],
): FluidResult {
  const phases = system.phases?.count ?? 1;
  const begin = new Float64Array(system.flows.count);
  const finish = new Float64Array(system.flows.count);
  const phaseBegin = new Float64Array(phases);
  const phaseFinish = new Float64Array(phases);
  const usages: { readonly links: Int32Array; readonly usage: LinkUsage }[] = [];
  let makespan = 0;
  for (const [i, part] of parts.entries()) {
    const result = results[itemOf[i]!]!;
    for (let f = 0; f < part.flows.length; f++) {
      begin[part.flows[f]!] = result.begin[f]!;
      finish[part.flows[f]!] = result.finish[f]!;
    }
    for (const [p, phase] of part.phases.entries()) {
      phaseBegin[phase] = result.phaseBegin[p]!;
      phaseFinish[phase] = Math.max(phaseFinish[phase]!, result.phaseFinish[p]!);
    }
    makespan = Math.max(makespan, result.makespan);
    if (result.usage !== null) usages.push({ links: part.links, usage: result.usage });
  }
  const total = (key: 'instants' | 'touched' | 'whole'): number =>
    results.reduce((sum, { stats }) => sum + stats[key], 0);
  return {
    begin,
    finish,
    phaseBegin,
    phaseFinish,
    makespan,
    usage: usages.length === 0 ? null : joinUsage(system.capacity.length, usages),
    stats: {
      parts: parts.length,
      solved: results.length,
      instants: total('instants'),
      touched: total('touched'),
      whole: total('whole'),
    },
  };
}
