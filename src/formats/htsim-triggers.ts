import type { FlowPhases } from '../fabric/types.ts';
import type { IssueCollector } from './collector.ts';

/** One trigger of a connection matrix: what begins with it, and whose ends fire it. Flows by number. */
export interface Trigger {
  kind: 'oneshot' | 'multishot' | 'barrier' | null;
  /** Ends that a barrier waits for. */
  count: number;
  /** Where it was first spoken of, for issues. */
  readonly line: number;
  readonly begins: number[];
  readonly firedBy: number[];
}

interface Triggered {
  /** Trigger number that begins each flow, 0 for the clock; and those its end fires. */
  readonly begunBy: readonly number[];
  readonly fires: readonly (readonly number[])[];
  readonly lines: readonly number[];
}

/**
 * htsim's triggers as phases. Flows that begin alike and fire alike are one phase, which ends with the last of them; a
 * oneshot begins all its flows after the one end that fires it, a barrier after all of so many. A multishot begins
 * one flow at each end: here the n-th of its flows after the n-th that fires it in the order of the file, where htsim takes
 * the order in time (a warning). Issues: 'unknown-trigger', 'never-starts', 'trigger-count'. O(flows + triggers).
 */
export function triggerPhases(
  flows: Triggered,
  triggers: ReadonlyMap<number, Trigger>,
  issues: IssueCollector,
): { phase: Uint32Array; phases: FlowPhases } {
  checkTriggers(flows, triggers, issues);
  const phase = new Uint32Array(flows.begunBy.length);
  const indexOf = new Map<string, number>();
  /** First flow of each phase: the others are like it. */
  const first: number[] = [];
  const places = multishotPlaces(triggers);
  for (let f = 0; f < phase.length; f++) {
    const single = flows.fires[f]!.some((t) => triggers.get(t)!.kind === 'multishot') || places.has(f);
    const key = single ? `flow ${f}` : `${flows.begunBy[f]} ${flows.fires[f]!.join(' ')}`;
    const known = indexOf.get(key);
    phase[f] = known ?? first.length;
    if (known !== undefined) continue;
    indexOf.set(key, first.length);
    first.push(f);
  }
  const waits = first.map((f) => {
    const trigger = triggers.get(flows.begunBy[f]!);
    if (trigger === undefined) return [];
    const place = places.get(f);
    const ends = place === undefined ? trigger.firedBy : trigger.firedBy.slice(place, place + 1);
    return [...new Set(ends.map((end) => phase[end]!))];
  });
  const start = new Uint32Array(first.length + 1);
  for (const [p, list] of waits.entries()) start[p + 1] = start[p]! + list.length;
  const delay = new Float64Array(first.length);
  const phases = { count: first.length, delay, start, after: Uint32Array.from(waits.flat()) };
  if (!issues.hasErrors) checkOrder(phases, first, flows, issues);
  return { phase, phases };
}

/** Place of each flow that a multishot begins among those of its trigger. */
function multishotPlaces(triggers: ReadonlyMap<number, Trigger>): Map<number, number> {
  const places = new Map<number, number>();
  for (const { kind, begins } of triggers.values())
    if (kind === 'multishot') for (const [i, f] of begins.entries()) places.set(f, i);
  return places;
}

function checkTriggers(
  flows: Triggered,
  triggers: ReadonlyMap<number, Trigger>,
  issues: IssueCollector,
): void {
  for (const [number, { kind, count, line, begins, firedBy }] of triggers) {
    const ends = firedBy.length;
    if (kind === null)
      issues.add({ code: 'unknown-trigger', line, message: `trigger ${number} is not described` });
    else if (begins.length > 0 && (ends === 0 || (kind === 'multishot' && ends < begins.length))) {
      const flow = begins[kind === 'multishot' ? ends : 0]!;
      const message = `flow ${flow} never begins: the ends of ${ends} flows fire trigger ${number}`;
      issues.add({ code: 'never-starts', line: flows.lines[flow]!, message });
    } else if (kind !== 'multishot' && ends !== count && ends > 0) {
      const what = kind === 'oneshot' ? 'a oneshot is fired once' : `a barrier waits for ${count}`;
      issues.add({
        code: 'trigger-count',
        line,
        message: `trigger ${number}: ${what}, but ${ends} flows fire it`,
      });
    } else if (kind === 'multishot' && begins.length > 0) {
      const message = `trigger ${number} (multishot): its flows begin in the order in which the flows that fire it stand in the file`;
      issues.add({ code: 'multishot-order', severity: 'warning', line, message });
    }
  }
}

/** Phases that wait for one another never begin. */
function checkOrder(
  { count, start, after }: FlowPhases,
  first: readonly number[],
  flows: Triggered,
  issues: IssueCollector,
): void {
  const followers: number[][] = Array.from({ length: count }, () => []);
  const missing = new Uint32Array(count);
  for (let p = 0; p < count; p++) {
    missing[p] = start[p + 1]! - start[p]!;
    for (let i = start[p]!; i < start[p + 1]!; i++) followers[after[i]!]!.push(p);
  }
  const ready = first.map((_, p) => p).filter((p) => missing[p] === 0);
  for (let i = 0; i < ready.length; i++)
    for (const p of followers[ready[i]!]!) if (--missing[p]! === 0) ready.push(p);
  if (ready.length === count) return;
  for (let p = 0; p < count; p++) {
    if (missing[p] === 0) continue;
    const message = `flow ${first[p]} never begins: the flows that trigger ${flows.begunBy[first[p]!]} waits for wait for it`;
    issues.add({ code: 'never-starts', line: flows.lines[first[p]!]!, message });
  }
}
