import { Cancelled, type Context } from '../base/context.ts';
import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { failedNetworks } from './failures.ts';
import { joinedNics, type Network, networkOf, type Ways } from './network.ts';
import {
  type DrawSummary,
  distribution,
  failureOutcome,
  hotLinks,
  medianDraw,
  spreadOf,
  summariseRun,
} from './outcome.ts';
import { type Policy, policyOf } from './policies.ts';
import { type DetailedRun, type RunOptions, runOnce } from './run.ts';
import type { JobOutcome, RoutingOutcome, SimulateInput, Simulation } from './types.ts';
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

class Simulator {
  readonly issues: Issue[] = [];
  readonly #input: SimulateInput;
  readonly #network: Network;
  readonly #failed: readonly Network[];
  readonly #context: Context;
  readonly #index: number;

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
    const draws: DrawSummary[] = [];
    for (let draw = 0; draw < (drawn ? seeds : 1); draw++) {
      this.#step(policy.label, draw / seeds);
      draws.push(summariseRun(this.#run(policy, draw, {})));
    }
    const median = medianDraw(draws);
    const run = this.#run(policy, median, { intervals });
    const { completion } = draws[median]!;
    this.#warnOfGaps(policy.label, run.ways);
    const without = failures.length > 0 ? this.#run(policy, median, { failures: [], networks: [] }) : null;
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
      hotLinks: hotLinks(this.#network, run, policy.capacity, completion, top),
      jobs: this.#jobs(policy, median, run),
      failure: without === null ? null : failureOutcome(this.#network, run, without, top),
      capacity: policy.capacity,
      run,
    };
  }

  /** Each job as it ran beside the others, and by itself. */
  #jobs(policy: Policy, draw: number, run: DetailedRun): JobOutcome[] {
    const { flows } = this.#network.schedule;
    return flows.operations.map((job, j) => {
      const own = Array.from(flows.operation.keys()).filter((m) => flows.operation[m] === j);
      const last = (r: DetailedRun): number =>
        own.reduce(
          (most, m) => (r.finish[m]! < Number.POSITIVE_INFINITY ? Math.max(most, r.finish[m]!) : most),
          0,
        );
      const several = flows.operations.length > 1;
      return {
        job,
        flows: own.length,
        bytes: own.reduce((sum, m) => sum + flows.bytes[m]!, 0),
        times: distribution(own.map((m) => run.finish[m]! - run.begin[m]!)),
        completion: last(run),
        alone: last(several ? this.#run(policy, draw, { job: j }) : run),
      };
    });
  }

  #run(policy: Policy, draw: number, more: Partial<RunOptions>): DetailedRun {
    const { seed, fidelity, failures, rerouteAfter } = this.#input;
    const { cancelled, catalog } = this.#context;
    if (cancelled()) throw new Cancelled();
    const options = { draw, seed, fidelity, failures, networks: this.#failed, rerouteAfter, cancelled };
    return runOnce(this.#network, policy, { intervals: 0, job: null, ...options, ...more }, catalog);
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
