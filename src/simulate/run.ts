import type { Catalog } from '../catalog/types.ts';
import { simulate as flow } from '../fluid/simulate.ts';
import type { FluidOptions } from '../fluid/types.ts';
import { reroute } from './failures.ts';
import { aloneTimes, type Network, systemOf, type Ways } from './network.ts';
import { noCosts, packetCosts } from './packet.ts';
import type { Policy } from './policies.ts';
import type { Failure, Fidelity, MessageRun } from './types.ts';

export interface RunOptions {
  readonly draw: number;
  readonly seed: number;
  readonly fidelity: Fidelity;
  /** 0: no usage is kept. */
  readonly intervals: number;
  readonly failures: readonly Failure[];
  readonly networks: readonly Network[];
  readonly rerouteAfter: number;
  /** Only this job's flows move bytes; null: all. */
  readonly job: number | null;
  readonly cancelled: () => boolean;
}

/** A run and the ways that it was of. */
export interface DetailedRun extends MessageRun {
  readonly ways: Ways;
}

/** One draw of one routing, from the first begin to the last end. */
export function runOnce(
  network: Network,
  policy: Policy,
  options: RunOptions,
  catalog: Catalog,
): DetailedRun {
  const { flows, offset, phase } = network.schedule;
  const all = policy.ways(options.draw);
  const ways = options.job === null ? all : onlyJob(all, flows.operation, options.job);
  const packet = options.fidelity === 'packet';
  const costs = packet
    ? packetCosts(network, ways, policy.transport, options.seed + options.draw, catalog)
    : noCosts(flows.count);
  const capacity = policy.capacity.map((c) => c * costs.efficiency);
  const { draw, failures, networks, rerouteAfter } = options;
  const { paths, changes, rerouted } = reroute(
    policy,
    ways,
    draw,
    failures,
    networks,
    rerouteAfter,
    costs.efficiency,
    flows.count,
  );
  const holdsBack = packet && policy.transport === 'lossless' && paths.share === null;
  const fluid: FluidOptions = {
    intervals: options.intervals,
    cancelled: options.cancelled,
  };
  const system = systemOf(network, ways, capacity, costs.startUp);
  const result = flow({ ...system, paths, changes, sharing: holdsBack ? 'lossless' : 'max-min' }, fluid);
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
}

/** The same ways, the bytes of other jobs 0: they end when they begin. */
function onlyJob(ways: Ways, operation: Uint16Array, job: number): Ways {
  return { ...ways, bytes: ways.bytes.map((b, i) => (operation[ways.message[i]!] === job ? b : 0)) };
}
