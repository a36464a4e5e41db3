import { ensure, ok, type Result } from '../base/result.ts';
import type { Catalog, NodeShape, Transport } from '../catalog/types.ts';
import { latency, nicEfficiency } from '../flow/bottleneck.ts';
import type { Collective, Spec, TrafficSpec } from '../spec/types.ts';
import { communicationTable } from '../step/comm.ts';
import { type StepConstants, stepConstants } from '../step/constants.ts';
import { prepareStep, type StepEvaluator } from '../step/evaluator.ts';
import { expertSkew } from '../step/skew.ts';
import type { CommunicationTable, Step, StepJob } from '../step/types.ts';
import { expertShares } from '../traffic/experts.ts';
import { rankLayout } from '../traffic/layout.ts';
import { type GroupShape, groupShape } from '../traffic/shapes.ts';
import { transfersOf } from '../traffic/transfers.ts';
import { ncclTuner, type Tuner } from '../traffic/tuner.ts';
import { type ExpertShares, Via } from '../traffic/types.ts';
import { analyseWorkload } from '../workload/analyse.ts';
import { firstGroup } from '../workload/groups.ts';
import type { Operation } from '../workload/types.ts';

/** Switches on the way between two servers: leaf, spine, leaf. */
const SWITCH_HOPS = 3;

/** What one invocation of an operation asks of the busiest GPU, by byte of its `bytesPerRank`. */
interface Cost {
  readonly scaleUp: number;
  readonly nic: number;
  readonly rounds: number;
}

/**
 * Steps of a spec and its variants without a fabric: every operation as the traffic stage spreads it, ranks in order on
 * servers, on a network whose links are never the bottleneck. What a search asks thousands of times; finalists go through
 * the whole pipeline. Remembers what an operation costs by its group.
 */
export class Estimator {
  readonly evaluator: StepEvaluator;
  readonly #spec: Spec;
  readonly #catalog: Catalog;
  readonly #costs = new Map<string, Cost>();
  readonly #shares = new Map<string, ExpertShares>();
  readonly #skews = new Map<string, number>();
  readonly #shapes = new Map<string, GroupShape>();
  readonly #tuner: Tuner;
  readonly #rates: Rates;
  readonly #constants: StepConstants;

  constructor(spec: Spec, catalog: Catalog) {
    this.#spec = spec;
    this.#catalog = catalog;
    this.#constants = stepConstants(catalog);
    this.#tuner = ncclTuner(spec.cluster.node, catalog);
    this.evaluator = prepareStep(spec.model, spec.cluster.gpu, catalog);
    this.#rates = ratesOf(spec.cluster.node, spec.cluster.network.transport, catalog);
  }

  /** What the evaluator is asked of a spec: where experts are not equally popular, the busiest rank sets the pace. */
  job(spec: Spec): StepJob {
    const { experts } = spec.model;
    const { traffic, parallelism, training, seed } = spec;
    if (experts === undefined || traffic.experts.kind === 'uniform') return spec;
    const key = `${parallelism.expert} ${parallelism.pipeline} ${traffic.nodeLimit}`;
    let skew = this.#skews.get(key);
    if (skew === undefined) {
      const choice = { ...experts, popularity: traffic.experts, nodeLimit: traffic.nodeLimit, seed };
      skew = expertSkew(choice, parallelism.expert, parallelism.pipeline);
      this.#skews.set(key, skew);
    }
    return { training, parallelism, skew };
  }

  /** The step of a spec that differs from the first in training, parallelism and limits of traffic only. */
  step(spec: Spec): Result<Step> {
    const table = this.table(spec);
    return table.ok ? ok(this.evaluator.evaluate(this.job(spec), table.value)) : table;
  }

  /** Seconds of its communication. O(operations * stages) once the groups are known. */
  table(spec: Spec): Result<CommunicationTable> {
    const workload = analyseWorkload(spec, this.#catalog);
    if (!workload.ok) return workload;
    const { stageStride } = workload.value;
    return ok(
      communicationTable(
        workload.value,
        spec.parallelism,
        (o) => this.#seconds(o, spec, stageStride),
        this.#constants,
      ),
    );
  }

  #seconds(operation: Operation, spec: Spec, stageStride: number): number {
    const { traffic } = spec;
    const collective = this.#collective(operation, traffic.collective);
    let key = `${operation.kind} ${operation.forwarding} ${stageStride} ${collective}`;
    if (operation.tokens !== undefined) key += ` ${traffic.nodeLimit}`;
    if (operation.kind === 'send') key += ` ${operation.direction} ${operation.wrap}`;
    for (const { size, stride } of operation.groups.inner) key += ` ${size}x${stride}`;
    let cost = this.#costs.get(key);
    if (cost === undefined) {
      cost = this.#cost(operation, spec, stageStride, collective);
      this.#costs.set(key, cost);
    }
    const { scaleUp, nic, latencyInside, latencyAcross, efficiency } = this.#rates;
    const bytes = operation.bytesPerRank;
    const wire = (cost.nic * bytes) / (nic * efficiency(operation, collective));
    return (
      Math.max((cost.scaleUp * bytes) / scaleUp, wire) +
      cost.rounds * (cost.nic > 0 ? latencyAcross : latencyInside)
    );
  }

  /** Chosen by the bytes, which costs are not kept by. */
  #collective({ kind, groups, bytesPerRank }: Operation, asked: Collective): Collective {
    if (asked !== 'auto' || kind !== 'all-reduce') return asked;
    let key = '';
    for (const { size, stride } of groups.inner) key += ` ${size}x${stride}`;
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      const { gpus } = this.#spec.cluster.node;
      const members = firstGroup(groups);
      const span = Math.ceil((members.at(-1)! + 1) / gpus) * gpus;
      const layout = rankLayout(span, gpus);
      if (!layout.ok) return 'ring';
      shape = groupShape(members, layout.value);
      this.#shapes.set(key, shape);
    }
    return this.#tuner(bytesPerRank, shape);
  }

  /** The transfers of the first group alone, which the others are shifted copies of. */
  #cost(operation: Operation, { traffic }: Spec, stageStride: number, collective: Collective): Cost {
    const { inner } = operation.groups;
    const last = inner.reduce((sum, { size, stride }) => sum + (size - 1) * stride, 0);
    const { gpus, nics } = this.#spec.cluster.node;
    const span = Math.ceil((last + 1) / gpus) * gpus;
    const layout = rankLayout(span, gpus);
    if (!layout.ok) return { scaleUp: 0, nic: 0, rounds: 0 };
    const one = { ...operation, bytesPerRank: 1, groups: { inner, outer: [] } };
    const shares = (stage: number, shape: GroupShape) => this.#expertShares(traffic, stage, shape);
    const t = transfersOf(one, layout.value, { collective, stageStride, shares });
    const load = { [Via.scaleUp]: new Float64Array(2 * span), [Via.network]: new Float64Array(2 * span) };
    for (let k = 0; k < t.count; k++) {
      const of = load[t.via[k] as 0 | 1];
      of[2 * t.from[k]!]! += t.bytes[k]!;
      of[2 * t.to[k]! + 1]! += t.bytes[k]!;
    }
    // GPUs that share a NIC are in groups of their own that do the same.
    return {
      scaleUp: largest(load[Via.scaleUp]),
      nic: (largest(load[Via.network]) * gpus) / nics,
      rounds: t.rounds,
    };
  }

  /** Drawn once for groups of one size on as many servers: where experts are alike, the rest changes nothing. */
  #expertShares({ experts, nodeLimit }: TrafficSpec, stage: number, shape: GroupShape): ExpertShares {
    const { model, seed } = this.#spec;
    const entity = experts.kind === 'uniform' ? 0 : stage;
    const key = `${shape.size} ${shape.nodes} ${shape.perNode} ${nodeLimit} ${entity}`;
    let shares = this.#shares.get(key);
    if (shares === undefined) {
      const { routed, active } = ensure(model.experts, 'experts of the model');
      shares = expertShares({ routed, active, popularity: experts, nodeLimit, seed }, stage, shape);
      this.#shares.set(key, shares);
    }
    return shares;
  }
}

interface Rates {
  readonly scaleUp: number;
  readonly nic: number;
  readonly latencyInside: number;
  readonly latencyAcross: number;
  readonly efficiency: (operation: Operation, collective: Collective) => number;
}

function ratesOf(node: NodeShape, transport: Transport, catalog: Catalog): Rates {
  const ring = nicEfficiency('all-reduce', 'ring', catalog);
  const tree = nicEfficiency('all-reduce', 'tree', catalog);
  const direct = nicEfficiency('all-to-all', undefined, catalog);
  const rings = new Set(['all-reduce', 'reduce-scatter', 'all-gather']);
  return {
    scaleUp: node.scaleUpAchievable,
    nic: node.nicRate,
    latencyInside: catalog.get('scale-up.latency').value,
    latencyAcross: latency(transport, SWITCH_HOPS, catalog),
    efficiency: ({ kind }, collective) => {
      if (!rings.has(kind)) return direct;
      return collective === 'tree' && kind === 'all-reduce' ? tree : ring;
    },
  };
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  return most;
}
