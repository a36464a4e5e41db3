import { linkName } from '../fabric/names.ts';
import type { Fabric } from '../fabric/types.ts';
import { quantile, quantileAt } from '../numeric/quantile.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { Network, Ways } from './network.ts';
import type { DetailedRun } from './run.ts';
import type { Distribution, FailureOutcome, JobOutcome, LinkCause, SimulatedLink, Spread } from './types.ts';

/** Times of the flows that end, of all or of one job; what never ends counts in none. */
export function distribution(times: ArrayLike<number>): Distribution {
  const sorted = Float64Array.from(times).filter((t) => t < Number.POSITIVE_INFINITY);
  sorted.sort();
  if (sorted.length === 0) return { min: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
  let sum = 0;
  for (let i = 0; i < sorted.length; i++) sum += sorted[i]!;
  return {
    min: sorted[0]!,
    mean: sum / sorted.length,
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    max: sorted[sorted.length - 1]!,
  };
}

/** What one draw comes to; kept of every seed. */
export interface DrawSummary {
  readonly completion: number;
  readonly times: Distribution;
  readonly slowdown: Distribution;
}

export function summariseRun({ begin, finish, alone }: DetailedRun): DrawSummary {
  let completion = 0;
  for (let m = 0; m < finish.length; m++)
    if (finish[m]! < Number.POSITIVE_INFINITY) completion = Math.max(completion, finish[m]!);
  const times = finish.map((f, m) => f - begin[m]!);
  return {
    completion,
    times: distribution(times),
    slowdown: distribution(times.map((t, m) => t / alone[m]!)),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  return { min: sorted[0]!, median: quantile(sorted, 0.5), max: sorted[sorted.length - 1]! };
}

/** The draw with the median completion. */
export function medianDraw(draws: readonly DrawSummary[]): number {
  const order = draws.map((_, i) => i);
  order.sort((a, b) => draws[a]!.completion - draws[b]!.completion || a - b);
  return order[quantileAt(order.length, 0.5)]!;
}

/** Causes of a link that are named. */
const CAUSES = 3;

/** The links that were busiest until the end, with their usage over time and the flows that share them. */
export function hotLinks(
  network: Network,
  run: DetailedRun,
  capacity: Float64Array,
  completion: number,
  top: number,
): SimulatedLink[] {
  const { usage } = run;
  const intervals = Math.min(usage.intervals, Math.ceil((completion / usage.width) * (1 - HAIR)));
  const total = new Float64Array(capacity.length);
  for (let l = 0; l < total.length; l++)
    for (let i = 0; i < usage.intervals; i++) total[l]! += usage.bytes[l * usage.intervals + i]!;
  const busy = (l: number): number => (capacity[l]! > 0 ? total[l]! / capacity[l]! : 0);
  const links = Array.from(total.keys()).filter((l) => busy(l) > 0);
  links.sort((a, b) => busy(b) - busy(a) || a - b);
  return links.slice(0, top).map((l) => {
    const overTime: number[] = [];
    for (let i = 0; i < intervals; i++) {
      const width = Math.min(usage.width, completion - i * usage.width);
      overTime.push(usage.bytes[l * usage.intervals + i]! / (width * capacity[l]!));
    }
    const { causes, flows } = causesOf(network, run.ways, l);
    const utilisation = busy(l) / completion;
    return { link: nameOf(network.fabric, l), bytes: total[l]!, utilisation, overTime, causes, flows };
  });
}

/** A link of the fabric, or a trunk of the ideal. */
export function nameOf(fabric: Fabric, link: number): string {
  if (link < fabric.links) return linkName(fabric, link);
  const trunk = link - fabric.links;
  const owner = fabric.names[fabric.endpoints + (trunk >> 1)]!;
  return `${owner}: all ${(trunk & 1) === 0 ? 'uplinks' : 'downlinks'} as one`;
}

function causesOf(
  { fabric, schedule }: Network,
  { paths, parts, path, message, bytes }: Ways,
  link: number,
): { causes: LinkCause[]; flows: number } {
  const share = new Float64Array(paths.count);
  for (let p = 0; p < paths.count; p++) {
    for (let k = paths.start[p]!; k < paths.start[p + 1]!; k++)
      if (paths.link[k] === link) share[p] = paths.share?.[k] ?? 1;
  }
  const byMessage = new Map<number, number>();
  let total = 0;
  for (let i = 0; i < parts; i++) {
    const part = path[i]! >= 0 ? share[path[i]!]! * bytes[i]! : 0;
    if (part === 0) continue;
    byMessage.set(message[i]!, (byMessage.get(message[i]!) ?? 0) + part);
    total += part;
  }
  const largest = [...byMessage.entries()].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, CAUSES);
  const { flows } = schedule;
  const causes = largest.map(([m, part]) => ({
    job: flows.operations[flows.operation[m]!]!,
    from: fabric.names[flows.src[m]!]!,
    to: fabric.names[flows.dst[m]!]!,
    share: part / total,
  }));
  return { causes, flows: byMessage.size };
}

/** Each job as it ran beside the others, and by itself (the same run where there is one job). */
export function jobOutcomes(
  { schedule: { flows } }: Network,
  run: DetailedRun,
  alone: readonly DetailedRun[],
): JobOutcome[] {
  const own: number[][] = flows.operations.map(() => []);
  for (let m = 0; m < flows.count; m++) own[flows.operation[m]!]!.push(m);
  return flows.operations.map((job, j) => ({
    job,
    flows: own[j]!.length,
    bytes: own[j]!.reduce((sum, m) => sum + flows.bytes[m]!, 0),
    times: distribution(own[j]!.map((m) => run.finish[m]! - run.begin[m]!)),
    completion: lastEnd(run, own[j]!),
    alone: lastEnd(alone[j]!, own[j]!),
  }));
}

function lastEnd({ finish }: DetailedRun, flows: readonly number[]): number {
  let last = 0;
  for (const m of flows) if (finish[m]! < Number.POSITIVE_INFINITY) last = Math.max(last, finish[m]!);
  return last;
}

/** Who suffers from a failure: the run with it against the same draw without. */
export function failureOutcome(
  { fabric, schedule: { flows } }: Network,
  run: DetailedRun,
  without: DetailedRun,
  top: number,
): FailureOutcome {
  const late: number[] = [];
  let rerouted = 0;
  let stranded = 0;
  const lost = (m: number): number => run.finish[m]! - without.finish[m]!;
  for (let m = 0; m < flows.count; m++) {
    rerouted += run.rerouted[m]!;
    if (run.finish[m] === Number.POSITIVE_INFINITY) stranded++;
    if (run.finish[m]! > without.finish[m]! * (1 + HAIR)) late.push(m);
  }
  late.sort((a, b) => (lost(a) === lost(b) ? a - b : lost(b) - lost(a)));
  return {
    rerouted,
    stranded,
    slowed: late.length - stranded,
    without: summariseRun(without).completion,
    worst: late.slice(0, top).map((m) => ({
      from: fabric.names[flows.src[m]!]!,
      to: fabric.names[flows.dst[m]!]!,
      job: flows.operations[flows.operation[m]!]!,
      without: without.finish[m]!,
      with: run.finish[m]! < Number.POSITIVE_INFINITY ? run.finish[m]! : null,
    })),
  };
}
