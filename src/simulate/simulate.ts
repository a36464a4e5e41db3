import { Cancelled, type Context, inline } from '../base/context.ts';
import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { balanced, overSeveralPlanes } from './balance.ts';
import { failedNetworks } from './failures.ts';
import { joinedNics, type Network, networkOf, type Ways } from './network.ts';
import {
  type DrawSummary,
  failureOutcome,
  hotLinks,
  jobOutcomes,
  medianDraw,
  spreadOf,
  summariseRun,
} from './outcome.ts';
import { type Policy, policyOf } from './policies.ts';
import { type DetailedRun, prepare, type RunOptions, simulateTask } from './run.ts';
import type { RoutingOutcome, SimulateInput, Simulation } from './types.ts';
import { checkFlows, flowName } from './workload.ts';

/**
 * A workload on a fabric under several routings: when each flow ends, over seeds where something is drawn, which links
 * were busy when and because of whom, what jobs do to one another and what a failure does to all. The fluid engine gives
 * the rates; packets cost what packet.ts says. Issues: 'empty', those of checkFlows and of withoutParts; warning
 * 'unrouted' where tables lead a flow nowhere. Deterministic in the input. O(routings * seeds * run).
 */
export async function simulateTraffic(input: SimulateInput, context: Context): Promise<Result<Simulation>> {
  const { schedule, failures } = input;
  const { flows } = schedule;
  if (flows.count === 0) return fail([issue({ code: 'empty', message: 'the traffic has no flows' })]);
  const network = networkOf(input.fabric, schedule);
  const joined = joinedNics(network);
  const wrong = checkFlows(input.fabric, schedule, joined);
  const failed = failedNetworks(network, failures);
  const issues = [...wrong, ...failed.issues];
  if (wrong.length > 0 || !failed.ok) return fail(issues);
  const outcomes: RoutingOutcome[] = [];
  const warnings: Issue[] = [];
  for (const [r, routing] of input.routings.entries()) {
    const simulator = new Simulator(input, network, failed.value, context, r);
    const policy = await policyOf(network, routing, input.seed, input.fidelity, context);
    outcomes.push(await simulator.outcome(policy));
    warnings.push(...simulator.issues);
  }
  const bytes = flows.bytes.reduce((sum, b) => sum + b, 0);
  const { fidelity } = input;
  return ok({ flows: flows.count, bytes, jobs: flows.operations, fidelity, outcomes }, warnings);
}

/** Flows of all runs together that are simulated where they stand. */
const SMALL = 5000;

/** Balancing gets within a few percent in two or three. */
const ROUNDS = 6;

type Wanted = Partial<RunOptions> & { readonly draw: number };

class Simulator {
  readonly issues: Issue[] = [];
  readonly #input: SimulateInput;
  readonly #network: Network;
  readonly #failed: readonly Network[];
  readonly #context: Context;
  readonly #index: number;
  #planeBytes: Float64Array | null = null;

  constructor(
    input: SimulateInput,
    network: Network,
    failed: readonly Network[],
    context: Context,
    index: number,
  ) {
    this.#input = input;
    this.#network = network;
    this.#failed = failed;
    this.#context = context;
    this.#index = index;
  }

  async outcome(policy: Policy): Promise<RoutingOutcome> {
    const { seeds, top, intervals, fidelity, failures } = this.#input;
    const drawn = !policy.fixed || (fidelity === 'packet' && policy.transport === 'spray');
    this.#planeBytes = await this.#balance(policy);
    const draws = await this.#draws(policy, drawn ? seeds : 1);
    const median = medianDraw(draws);
    const { completion } = draws[median]!;
    const jobs = this.#network.schedule.flows.operations.length;
    const [run, ...others] = await this.#run(policy, [
      { draw: median, intervals },
      ...(jobs > 1 ? Array.from({ length: jobs }, (_, job) => ({ draw: median, job })) : []),
      ...(failures.length > 0 ? [{ draw: median, failures: [], networks: [] }] : []),
    ]);
    const alone = jobs > 1 ? others.slice(0, jobs) : [run!];
    const without = failures.length > 0 ? others[others.length - 1]! : null;
    this.#warnOfGaps(policy.label, run!.ways);
    const over = (pick: (d: DrawSummary) => number) => spreadOf(draws.map(pick));
    return {
      routing: policy.label,
      seeds: draws.length,
      medianSeed: median,
      completion: over((d) => d.completion),
      mean: over((d) => d.times.mean),
      p50: over((d) => d.times.p50),
      p90: over((d) => d.times.p90),
      p99: over((d) => d.times.p99),
      max: over((d) => d.times.max),
      slowdown: { mean: over((d) => d.slowdown.mean), p99: over((d) => d.slowdown.p99) },
      hotLinks: hotLinks(this.#network, run!, policy.capacity, completion, top),
      jobs: jobOutcomes(this.#network, run!, alone),
      failure: without === null ? null : failureOutcome(this.#network, run!, without, top),
      capacity: policy.capacity,
      run: run!,
    };
  }

  /** As many at a time as there are threads, so that only so many systems are held. */
  async #draws(policy: Policy, count: number): Promise<DrawSummary[]> {
    const summaries: DrawSummary[] = [];
    while (summaries.length < count) {
      this.#step(policy.label, summaries.length / count);
      const batch = Math.min(this.#context.parallel.workers, count - summaries.length);
      const wanted = Array.from({ length: batch }, (_, i) => ({ draw: summaries.length + i }));
      summaries.push(...(await this.#run(policy, wanted)).map(summariseRun));
    }
    return summaries;
  }

  /** Where packets find their way by themselves, NICs with several planes send more where more gets through. */
  async #balance(policy: Policy): Promise<Float64Array | null> {
    if (policy.transport !== 'spray' || !overSeveralPlanes(this.#network)) return null;
    let planeBytes: Float64Array | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      this.#step(`${policy.label}, balance of the planes`, 0);
      const { prepared, results } = await this.#results(policy, [
        { draw: 0, planeBytes, failures: [], networks: [] },
      ]);
      const next = balanced(this.#network, prepared[0]!.ways, results[0]!);
      if (next === null) break;
      planeBytes = next;
    }
    return planeBytes;
  }

  async #run(policy: Policy, wanted: readonly Wanted[]): Promise<DetailedRun[]> {
    const { prepared, results } = await this.#results(policy, wanted);
    return prepared.map((p, i) => p.finish(results[i]!));
  }

  /** Small runs are over before a thread has started. */
  async #results(policy: Policy, wanted: readonly Wanted[]) {
    const { seed, fidelity, failures, rerouteAfter } = this.#input;
    const { catalog, parallel } = this.#context;
    const networks = this.#failed;
    const planeBytes = this.#planeBytes;
    const usual = { seed, fidelity, failures, networks, rerouteAfter, intervals: 0, job: null, planeBytes };
    const prepared = wanted.map((more) => prepare(this.#network, policy, { ...usual, ...more }, catalog));
    const threads = this.#network.schedule.flows.count * wanted.length < SMALL ? inline : parallel;
    const items = prepared.map((p) => p.item);
    return { prepared, results: await threads.map(simulateTask, items) };
  }

  #step(note: string, fraction: number): void {
    if (this.#context.cancelled()) throw new Cancelled();
    const all = this.#input.routings.length;
    this.#context.progress({ stage: 'simulating', fraction: (this.#index + fraction) / all, note });
  }

  /** Tables may lead a flow nowhere, although there is a way. */
  #warnOfGaps(label: string, { parts, path, message }: Ways): void {
    const lost: number[] = [];
    for (let i = 0; i < parts; i++)
      if (path[i]! < 0 && lost[lost.length - 1] !== message[i]!) lost.push(message[i]!);
    if (lost.length === 0) return;
    const first = flowName(this.#network.fabric, this.#network.schedule, lost[0]!);
    const text = `${label} has no way for ${lost.length} flows, which never end; the first is ${first}`;
    this.issues.push(issue({ code: 'unrouted', severity: 'warning', message: text }));
  }
}
