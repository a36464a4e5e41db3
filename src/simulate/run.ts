import type { Task } from '../base/context.ts';
import type { Catalog } from '../catalog/types.ts';
import { simulate } from '../fluid/simulate.ts';
import type { FluidResult, FluidSystem } from '../fluid/types.ts';
import { rebalanced } from './balance.ts';
import { type FailureOptions, reroute } from './failures.ts';
import { aloneTimes, type Network, systemOf, type Ways } from './network.ts';
import { noCosts, packetCosts } from './packet.ts';
import type { Policy } from './policies.ts';
import type { Fidelity, MessageRun } from './types.ts';

export interface RunOptions extends FailureOptions {
  readonly seed: number;
  readonly fidelity: Fidelity;
  /** 0: no usage is kept. */
  readonly intervals: number;
  /** Only this job's flows move bytes; null: all. */
  readonly job: number | null;
  /** Bytes of the flows between endpoints where planes are balanced; null: by the rates of the ports. */
  readonly planeBytes: Float64Array | null;
}

/** A run and the ways that it was of. */
export interface DetailedRun extends MessageRun {
  readonly ways: Ways;
}

/** One draw of one routing made ready: what the engine gets, and what its answer is read with. */
export interface Prepared {
  readonly item: FluidItem;
  readonly ways: Ways;
  readonly finish: (result: FluidResult) => DetailedRun;
}

/** What a worker gets: plain data. */
interface FluidItem {
  readonly system: FluidSystem;
  readonly intervals: number;
}

/** A whole system in one piece, so that draws and routings share the threads. */
export const simulateTask: Task<FluidItem, FluidResult> = {
  name: 'simulate',
  run: ({ system, intervals }) => simulate(system, { intervals }),
};

export function prepare(network: Network, policy: Policy, options: RunOptions, catalog: Catalog): Prepared {
  const { flows, offset, phase } = network.schedule;
  const spread = policy.ways(options.draw);
  const all = options.planeBytes === null ? spread : rebalanced(network, spread, options.planeBytes);
  const ways = options.job === null ? all : onlyJob(all, flows.operation, options.job);
  const packet = options.fidelity === 'packet';
  const costs = packet
    ? packetCosts(network, ways, policy.transport, options.seed + options.draw, catalog)
    : noCosts(flows.count);
  const capacity = policy.capacity.map((c) => c * costs.efficiency);
  const { paths, changes, rerouted } = reroute(policy, ways, costs.efficiency, options, flows.count);
  const sharing = packet && policy.transport === 'lossless' && paths.share === null ? 'lossless' : 'max-min';
  const system = { ...systemOf(network, ways, capacity, costs.startUp), paths, changes, sharing } as const;
  return {
    item: { system, intervals: options.intervals },
    ways,
    finish(result) {
      const begin = new Float64Array(flows.count);
      const finish = new Float64Array(flows.count);
      for (let m = 0; m < flows.count; m++) begin[m] = result.phaseBegin[phase[m]!]! + offset[m]!;
      let makespan = 0;
      for (let i = 0; i < ways.parts; i++) {
        const m = ways.message[i]!;
        finish[m] = Math.max(finish[m]!, result.finish[i]! + costs.startUp[m]!);
        makespan = Math.max(makespan, finish[m]!);
      }
      const alone = aloneTimes(ways, flows.count, capacity, costs.startUp);
      const usage = result.usage ?? { width: 0, intervals: 0, bytes: new Float64Array(0) };
      return { begin, finish, alone, makespan, usage, ways, rerouted };
    },
  };
}

/** The same ways, the bytes of other jobs 0: they end when they begin. */
function onlyJob(ways: Ways, operation: Uint16Array, job: number): Ways {
  return { ...ways, bytes: ways.bytes.map((b, i) => (operation[ways.message[i]!] === job ? b : 0)) };
}
