import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { nicsOf } from '../fabric/nics.ts';
import { patternFlows } from '../fabric/pattern-flows.ts';
import { railsOf } from '../fabric/rails.ts';
import { type Fabric, type FlowSchedule, type Flows, NodeKind } from '../fabric/types.ts';
import { patternPairs } from '../traffic/patterns.ts';
import type { PatternSpec } from '../traffic/types.ts';

/** One step of a job, its files read. */
export type LoadedStep =
  | { readonly kind: 'compute'; readonly seconds: number }
  | { readonly kind: 'flows'; readonly times: number; readonly schedule: FlowSchedule };

export interface LoadedJob {
  readonly label: string;
  readonly steps: readonly LoadedStep[];
}

/** Flows that all begin at once, as a schedule. */
export function atOnce(flows: Flows, lines: Uint32Array | null = null): FlowSchedule {
  const { count } = flows;
  const phases = {
    count: 1,
    delay: new Float64Array(1),
    start: new Uint32Array(2),
    after: new Uint32Array(0),
  };
  return { flows, offset: new Float64Array(count), phase: new Uint32Array(count), phases, lines };
}

/**
 * Flows between endpoints as flows between NICs, those of one pair of NICs as one: over which planes they go is then the
 * NICs' affair. The same flows where a NIC is on one plane. `lines` as long as the flows. O(flows).
 */
export function betweenNics(fabric: Fabric, flows: Flows, lines: Uint32Array): FlowSchedule {
  const nics = nicsOf(fabric);
  if (nics.count === nics.endpoint.length) return atOnce(flows, lines);
  const known = new Map<number, number>();
  const first: number[] = [];
  const bytes: number[] = [];
  for (let f = 0; f < flows.count; f++) {
    const key = nics.of[flows.src[f]!]! * nics.count + nics.of[flows.dst[f]!]!;
    const at = known.get(key) ?? first.length;
    if (at === first.length) {
      known.set(key, at);
      first.push(f);
      bytes.push(0);
    }
    bytes[at]! += flows.bytes[f]!;
  }
  const lead = (e: number): number => nics.endpoint[nics.start[nics.of[e]!]!]!;
  const merged = {
    count: first.length,
    src: Int32Array.from(first, (f) => lead(flows.src[f]!)),
    dst: Int32Array.from(first, (f) => lead(flows.dst[f]!)),
    bytes: Float64Array.from(bytes),
    operation: new Uint16Array(first.length),
    invocations: new Float64Array(first.length).fill(1),
    operations: flows.operations,
  };
  return atOnce(
    merged,
    Uint32Array.from(first, (f) => lines[f]!),
  );
}

/**
 * A pattern between NICs, `bytes` a flow: on every plane one of its own where a NIC is on one plane, else between NICs
 * that have a port on several. Deterministic in the seed. Issues as patternFlows has them. O(pairs).
 */
export function patternSchedule(
  fabric: Fabric,
  spec: PatternSpec,
  bytes: number,
  seed: number,
  label: string,
): Result<FlowSchedule> {
  const rails = railsOf(fabric);
  const { count, start, endpoint } = nicsOf(fabric);
  if (endpoint.length === count) {
    const made = patternFlows(fabric, rails, spec, { seed, label, merge: 'never' });
    if (!made.ok) return made;
    return ok(atOnce({ ...made.value.flows, bytes: made.value.flows.bytes.map((b) => b * bytes) }));
  }
  const first: number[] = [];
  for (let n = 0; n < count; n++) {
    const own = endpoint.subarray(start[n]!, start[n + 1]!);
    if (own.some((e) => isLive(fabric, e))) first.push(own[0]!);
  }
  const host = Int32Array.from(first, (_, i) => i);
  const rail = first.map((e) => rails.of[e]!);
  const pairs = patternPairs(spec, { count: first.length, host, rail }, seed);
  if (!pairs.ok) return pairs;
  return ok(
    atOnce({
      count: pairs.value.count,
      src: pairs.value.src.map((i) => first[i]!),
      dst: pairs.value.dst.map((i) => first[i]!),
      bytes: pairs.value.bytes.map((b) => b * bytes),
      operation: new Uint16Array(pairs.value.count),
      invocations: new Float64Array(pairs.value.count).fill(1),
      operations: [label],
    }),
  );
}

function isLive(fabric: Fabric, endpoint: number): boolean {
  if (fabric.kind[endpoint] !== NodeKind.endpoint) return false;
  for (let l = fabric.linkStart[endpoint]!; l < fabric.linkStart[endpoint + 1]!; l++)
    if (fabric.linkAlive[l] === 1) return true;
  return false;
}

/** Flows that a simulation holds at most: some three hundred bytes each, with their ways and queues. */
const MOST_FLOWS = 8_388_608;

/**
 * All jobs in one schedule: operation j is job j, the steps of a job follow one another through a phase without flows
 * that waits for the whole step before. Issues: 'too-many-flows'. O(flows).
 */
export function joinJobs(jobs: readonly LoadedJob[]): Result<FlowSchedule> {
  let count = 0;
  for (const { steps } of jobs)
    for (const step of steps) if (step.kind === 'flows') count += step.times * step.schedule.flows.count;
  if (count > MOST_FLOWS) {
    const message = `the traffic has ${count} flows, more than memory holds`;
    return fail([issue({ code: 'too-many-flows', message, allowed: `at most ${MOST_FLOWS}` })]);
  }
  const joiner = new Joiner(count, jobs);
  for (const [j, { steps }] of jobs.entries()) {
    let delay = 0;
    let before: number | null = null;
    for (const step of steps) {
      if (step.kind === 'compute') {
        delay += step.seconds;
        continue;
      }
      for (let t = 0; t < step.times; t++) {
        before = joiner.add(step.schedule, j, before, delay);
        delay = 0;
      }
    }
    if (delay > 0) joiner.pause(before, delay);
  }
  return ok(joiner.finish());
}

class Joiner {
  readonly #flows: Flows;
  readonly #offset: Float64Array;
  readonly #phase: Uint32Array;
  readonly #lines: Uint32Array;
  readonly #delay: number[] = [];
  readonly #after: number[][] = [];
  #at = 0;

  constructor(count: number, jobs: readonly LoadedJob[]) {
    this.#flows = {
      count,
      src: new Int32Array(count),
      dst: new Int32Array(count),
      bytes: new Float64Array(count),
      operation: new Uint16Array(count),
      invocations: new Float64Array(count).fill(1),
      operations: jobs.map((j) => j.label),
    };
    this.#offset = new Float64Array(count);
    this.#phase = new Uint32Array(count);
    this.#lines = new Uint32Array(count);
  }

  /** A phase without flows, `delay` seconds after the phase `before` (or the start). */
  pause(before: number | null, delay: number): number {
    this.#delay.push(delay);
    return this.#after.push(before === null ? [] : [before]) - 1;
  }

  /** One step of a job; returns a phase that ends with it. */
  add(schedule: FlowSchedule, job: number, before: number | null, delay: number): number {
    const { flows, phases, offset, phase, lines } = schedule;
    const gate = before !== null || delay > 0 ? this.pause(before, delay) : null;
    const first = this.#delay.length;
    for (let p = 0; p < phases.count; p++) {
      const waits = Array.from(
        phases.after.subarray(phases.start[p]!, phases.start[p + 1]!),
        (q) => first + q,
      );
      this.#delay.push(phases.delay[p]!);
      this.#after.push(waits.length === 0 && gate !== null ? [gate] : waits);
    }
    const at = this.#at;
    this.#flows.src.set(flows.src, at);
    this.#flows.dst.set(flows.dst, at);
    this.#flows.bytes.set(flows.bytes, at);
    this.#flows.operation.fill(job, at, at + flows.count);
    this.#offset.set(offset, at);
    for (let f = 0; f < flows.count; f++) this.#phase[at + f] = first + phase[f]!;
    if (lines !== null) this.#lines.set(lines, at);
    this.#at += flows.count;
    if (phases.count === 1) return first;
    this.#delay.push(0);
    return this.#after.push(Array.from({ length: phases.count }, (_, p) => first + p)) - 1;
  }

  finish(): FlowSchedule {
    const count = this.#delay.length;
    const start = new Uint32Array(count + 1);
    for (const [p, list] of this.#after.entries()) start[p + 1] = start[p]! + list.length;
    const phases = {
      count,
      delay: Float64Array.from(this.#delay),
      start,
      after: Uint32Array.from(this.#after.flat()),
    };
    const lines = this.#lines.some((l) => l > 0) ? this.#lines : null;
    return { flows: this.#flows, offset: this.#offset, phase: this.#phase, phases, lines };
  }
}

/** A flow as issues name it: 'flow 12 (host3 -> host7)'. */
export function flowName(fabric: Fabric, { flows }: FlowSchedule, flow: number): string {
  return `flow ${flow} (${fabric.names[flows.src[flow]!]} -> ${fabric.names[flows.dst[flow]!]})`;
}

/** Flows that nobody can carry, at most this many by name. */
const NAMED = 10;

/** 'self-flow', 'zero-size', 'disconnected': each by its index, the first few of a kind by name. */
export function checkFlows(
  fabric: Fabric,
  schedule: FlowSchedule,
  joined: (flow: number) => boolean,
): Issue[] {
  const { flows, lines } = schedule;
  const found = new Map<string, number>();
  const issues: Issue[] = [];
  const wrong = (code: string, flow: number, what: string): void => {
    const count = (found.get(code) ?? 0) + 1;
    found.set(code, count);
    if (count > NAMED) return;
    const line = lines !== null && lines[flow]! > 0 ? { line: lines[flow]! } : {};
    const file = { file: flows.operations[flows.operation[flow]!]! };
    issues.push(issue({ code, ...file, ...line, message: `${flowName(fabric, schedule, flow)} ${what}` }));
  };
  for (let f = 0; f < flows.count; f++) {
    const [src, dst] = [flows.src[f]!, flows.dst[f]!];
    if (src === dst) wrong('self-flow', f, 'goes from a NIC to itself');
    else if (!(flows.bytes[f]! > 0)) wrong('zero-size', f, 'moves no bytes');
    else if (!joined(f)) wrong('disconnected', f, 'has no way: no up/down path on any common plane');
  }
  for (const [code, count] of found)
    if (count > NAMED) issues.push(issue({ code, message: `${count - NAMED} more of ${code}` }));
  return issues;
}
