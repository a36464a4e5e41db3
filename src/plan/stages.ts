import type { Context } from '../base/context.ts';
import { hasErrors, type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { analyseEconomy } from '../economy/analyse.ts';
import { plantOf } from '../economy/plant.ts';
import type { Economy } from '../economy/types.ts';
import { chooseDesign, type Design } from '../fabric/design.ts';
import { divertFlows } from '../fabric/failover.ts';
import { generateFabric } from '../fabric/generate.ts';
import { place } from '../fabric/placement.ts';
import { projectFlows } from '../fabric/project.ts';
import { summariseFabric } from '../fabric/summary.ts';
import type { DesignAlternative, Fabric, NodePorts } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { readFabric } from '../formats/registry.ts';
import { contentHash } from '../numeric/serialise.ts';
import { profile } from '../profile/profile.ts';
import type { Profile } from '../profile/types.ts';
import { secondsUnder } from '../profile/under.ts';
import { analyseRisk } from '../risk/analyse.ts';
import type { Risk, RiskInput } from '../risk/types.ts';
import { nextHops } from '../routes/next-hops.ts';
import { smallestLimits } from '../routing/limits.ts';
import { routeDemand } from '../routing/route.ts';
import type { RoutingOutcome } from '../routing/types.ts';
import type { ImportedNetwork, Network, Spec } from '../spec/types.ts';
import { communicationTable } from '../step/comm.ts';
import { stepConstants } from '../step/constants.ts';
import { reached } from '../step/efficiency.ts';
import { prepareStep } from '../step/evaluator.ts';
import { expertSkew } from '../step/skew.ts';
import { analyseTraffic, transferBuilder } from '../traffic/analyse.ts';
import { ncclTuner } from '../traffic/tuner.ts';
import type { Traffic } from '../traffic/types.ts';
import { analyseWorkload } from '../workload/analyse.ts';
import type { Workload } from '../workload/types.ts';
import type { Remembered } from './memo.ts';
import type { StageRunner } from './runner.ts';
import type { DesignedFabric, Placed, StepOutcome } from './types.ts';

/** Stage 1, from the model, the training and the parallelism. */
export function workloadStage(runner: StageRunner, spec: Spec): Promise<Remembered<Workload>> {
  const { model, training, parallelism } = spec;
  const slice = { model, training, parallelism };
  return runner.run('workload', slice, [], (catalog) => analyseWorkload(slice, catalog));
}

/** Stage 2, from the workload and who shares a node. */
export function trafficStage(
  runner: StageRunner,
  spec: Spec,
  workload: Remembered<Workload>,
): Promise<Remembered<Traffic>> {
  const { placement, node } = spec.cluster;
  const { nicRate, nics, gpus, scaleUpAchievable } = node;
  const tuned =
    spec.traffic.collective === 'auto' && workload.value.operations.some((o) => o.kind === 'all-reduce');
  const slice = {
    gpusPerNode: node.gpus,
    // What chooses algorithms; where there is nothing to choose, a faster machine changes nothing here.
    machine: tuned ? { nicRate, nics, gpus, scaleUpAchievable } : null,
    rankMap: typeof placement === 'string' ? undefined : placement,
    traffic: {
      experts: spec.traffic.experts,
      nodeLimit: spec.traffic.nodeLimit,
      collective: spec.traffic.collective,
    },
    experts: spec.model.experts,
    seed: spec.seed,
  };
  return runner.run('traffic', slice, [workload], (catalog) => {
    const { machine, ...same } = slice;
    const { ranks, stageStride } = workload.value;
    const tuner = machine === null ? {} : { tuner: ncclTuner(machine, catalog) };
    const input = { ...same, ...tuner, workload: workload.value };
    const builder = runner.part('transfers', { ...same, ranks, stageStride }, () => transferBuilder(input));
    return analyseTraffic(input, builder);
  });
}

/** Stage 3, first half: the planes, switches and cables. */
export function fabricStage(
  runner: StageRunner,
  spec: Spec,
  without: readonly string[],
): Promise<Remembered<DesignedFabric>> {
  const { network, gpus } = spec.cluster;
  const node = portsOf(spec);
  const slice = { network: keyOfNetwork(network), node, gpus, seed: spec.seed, without };
  return runner.run('fabric', slice, [], async (catalog) => {
    const built = await buildNetwork(network, { node, gpus, seed: spec.seed }, catalog);
    if (!built.ok) return built;
    const cut = withoutParts(built.value.fabric, without);
    if (!cut.ok) return cut;
    const fabric = cut.value;
    const { alternatives } = built.value;
    return ok(
      { fabric, hops: nextHops(fabric), summary: summariseFabric(fabric), alternatives },
      built.issues,
    );
  });
}

interface Built {
  readonly fabric: Fabric;
  readonly alternatives: readonly DesignAlternative[];
}

/** A faster GPU, or another scale-up network, is the same server to the network. */
function portsOf({ cluster: { node } }: Spec): NodePorts {
  const { gpus, nics, nicRate } = node;
  return { gpus, nics, nicRate };
}

async function buildNetwork(
  network: Network,
  { node, gpus, seed }: { readonly node: NodePorts; readonly gpus: number; readonly seed: number },
  catalog: Catalog,
): Promise<Result<Built>> {
  if (network.kind === 'imported') return importNetwork(network);
  const design: Result<Design> = chooseDesign({ network, node, gpus, catalog });
  if (!design.ok) return design;
  const fabric = generateFabric({ network: design.value.network, node, gpus, seed });
  return fabric.ok
    ? ok({ fabric: fabric.value, alternatives: design.value.alternatives }, fabric.issues)
    : fabric;
}

async function importNetwork(network: ImportedNetwork): Promise<Result<Built>> {
  const read = await readFabric([new TextEncoder().encode(network.text)], network.file);
  if (!read.ok) return read;
  return ok({ fabric: { ...read.value, transport: network.transport }, alternatives: [] }, read.issues);
}

/** An imported file is known by the hash of its text, not by its whole text. */
function keyOfNetwork(network: Network): unknown {
  return network.kind === 'generated' ? network : { ...network, text: contentHash(network.text) };
}

/** Stage 3, second half: ranks on hosts, demand on NICs, planes and leaves. */
export function placementStage(
  runner: StageRunner,
  spec: Spec,
  traffic: Remembered<Traffic>,
  network: Remembered<DesignedFabric>,
): Promise<Remembered<Placed>> {
  const { placement: strategy } = spec.cluster;
  const node = portsOf(spec);
  const hosts = spec.cluster.network.kind === 'imported' ? spec.cluster.network.hosts : null;
  const slice = { strategy, node, hosts, dimensions: dimensionsOf(spec), seed: spec.seed };
  return runner.run('placement', slice, [traffic, network], () => {
    const { layout, transfers } = traffic.value;
    const { fabric } = network.value;
    const placed = place({ ...slice, fabric, layout, transfers });
    if (!placed.ok) return placed;
    const { placement, report } = placed.value;
    return ok(
      { placement, report, ...projectFlows({ fabric, layout, placement, transfers }) },
      placed.issues,
    );
  });
}

/** Parts broke under the running job: the ranks stay, and what lost its way goes over other NICs of the same nodes. */
export function failoverStage(
  runner: StageRunner,
  placed: Remembered<Placed>,
  network: Remembered<DesignedFabric>,
): Promise<Remembered<Placed>> {
  return runner.run('failover', {}, [placed, network], () => {
    const { flows, diverted, cutOff } = divertFlows(network.value.fabric, placed.value.flows);
    return ok({ ...placed.value, flows, diverted, cutOff });
  });
}

/** Size and stride of each parallel dimension, innermost first. */
function dimensionsOf({ parallelism }: Spec): { name: string; size: number; stride: number }[] {
  let stride = 1;
  return parallelism.order.map((name) => {
    const size = parallelism[name];
    const dimension = { name, size, stride };
    stride *= size;
    return dimension;
  });
}

/** The results that stages 4 and 5 read. */
export interface Upstream {
  readonly traffic: Remembered<Traffic>;
  readonly fabric: Remembered<DesignedFabric>;
  readonly placed: Remembered<Placed>;
}

/** Stage 4: what the demand does to the fabric under plain routing. */
export function profileStage(
  runner: StageRunner,
  spec: Spec,
  up: Upstream,
  lists = true,
): Promise<Remembered<Profile>> {
  const { ecmpSeeds, queuePairs } = spec.traffic;
  const slice = {
    node: spec.cluster.node,
    seed: spec.seed,
    ecmpSeeds,
    queuePairs,
    hotPaths: lists ? spec.routing.hotPaths : 0,
    ...(lists ? {} : { top: 0 }),
  };
  return runner.run('profile', slice, [up.traffic, up.fabric, up.placed], (catalog) => {
    const { fabric, hops } = up.fabric.value;
    const { layout, transfers } = up.traffic.value;
    const { flows, scopes, placement } = up.placed.value;
    return ok(profile({ ...slice, fabric, hops, layout, transfers, flows, scopes, placement }, { catalog }));
  });
}

/** Stage 5: tables and pins for this demand, their proof, and what they gain over plain routing. */
export function routingStage(
  runner: StageRunner,
  spec: Spec,
  up: Upstream & { readonly profile: Remembered<Profile> },
  context: Context,
): Promise<Remembered<RoutingOutcome>> {
  const { network } = spec.cluster;
  const { queuePairs } = spec.traffic;
  const { transport } = up.fabric.value.fabric;
  const slice = {
    ...spec.routing,
    transport,
    switchModel: network.kind === 'generated' ? network.switch.model : null,
    queuePairs,
    // The distribution over seeds is the profile's; its median seed stands for ECMP here.
    seeds: up.profile.value.policies.flatMap((p) => (p.seeds ? [p.seeds.medianSeed] : [])),
  };
  return runner.run('routing', slice, [up.fabric, up.placed, up.profile], async (catalog) => {
    const { fabric, hops } = up.fabric.value;
    const { flows } = up.placed.value;
    const model = slice.switchModel === null ? undefined : catalog.find('switch', slice.switchModel);
    const limits = model ?? smallestLimits(transport, catalog);
    const outcome = await routeDemand({ ...slice, limits, fabric, hops, flows }, { ...context, catalog });
    return hasErrors(outcome.issues) ? fail(outcome.issues) : ok(outcome, outcome.issues);
  });
}

/** A warning where a GPU's kernels are not known. */
function untabled(gpu: Spec['cluster']['gpu'], catalog: Catalog): Issue[] {
  if (!reached(gpu, catalog).fallback) return [];
  return [
    issue({
      code: 'no-efficiency',
      severity: 'warning',
      path: ['cluster', 'node'],
      message: `${gpu.name} has no efficiency tables: step times stand on the catalog's defaults`,
      hint: 'add them in a folder given with --catalog, file efficiency.yaml',
    }),
  ];
}

/** Time and memory of a training step, from the workload and how long each operation takes under the chosen routes. */
export function stepStage(
  runner: StageRunner,
  spec: Spec,
  workload: Remembered<Workload>,
  up: Upstream & { readonly profile: Remembered<Profile>; readonly routing: Remembered<RoutingOutcome> },
  context: Context,
): Promise<Remembered<StepOutcome>> {
  const { model, training, parallelism, traffic, seed } = spec;
  const { gpu } = spec.cluster;
  // What kernels reach is part of the key: a what-if may bring a catalog with other kernels.
  const { efficiency } = reached(gpu, context.catalog);
  const slice = { model, training, parallelism, gpu, traffic, seed, efficiency };
  return runner.run('step', slice, [workload, up.fabric, up.placed, up.profile, up.routing], (catalog) => {
    const { fabric, hops } = up.fabric.value;
    const { operations } = up.profile.value;
    const routes = up.routing.value.chosen.routes;
    const seconds = secondsUnder(fabric, hops, up.placed.value.flows, routes, operations, catalog);
    const byId = new Map(operations.map((o, i) => [o.operation, seconds[i]!]));
    const table = communicationTable(
      workload.value,
      parallelism,
      (o) => byId.get(o.id) ?? 0,
      stepConstants(catalog),
    );
    const { expert, pipeline } = parallelism;
    const choice = model.experts && {
      ...model.experts,
      popularity: traffic.experts,
      nodeLimit: traffic.nodeLimit,
      seed,
    };
    const skew = choice === undefined ? 1 : expertSkew(choice, expert, pipeline);
    const job = { training, parallelism, skew };
    const step = prepareStep(model, gpu, catalog).evaluate(job, table);
    return ok({ step, job, table }, untabled(gpu, catalog));
  });
}

/** What risk reads of the job, from the fabric and the time of a step. */
export function riskInput(spec: Spec, fabric: DesignedFabric, { step }: StepOutcome): RiskInput {
  const { gpus, node } = spec.cluster;
  const { endpoints, leaves } = fabric.summary;
  const job = {
    gpus,
    gpusPerNode: node.gpus,
    links: endpoints,
    leaves,
    stepSeconds: step.seconds,
    runSeconds: step.runSeconds,
    checkpointBytes: step.memory.checkpointBytes,
  };
  return { job, reliability: spec.reliability, seed: spec.seed };
}

/** How often the job breaks, and how much of its time is useful. */
export function riskStage(
  runner: StageRunner,
  spec: Spec,
  network: Remembered<DesignedFabric>,
  timed: Remembered<StepOutcome>,
  context: Context,
): Promise<Remembered<Risk>> {
  const input = riskInput(spec, network.value, timed.value);
  return runner.run('risk', input, [], async (catalog) =>
    ok(await analyseRisk(input, { ...context, catalog })),
  );
}

/** Money, energy and carbon, of the plant that the job occupies. */
export function economyStage(
  runner: StageRunner,
  spec: Spec,
  network: Remembered<DesignedFabric>,
  timed: Remembered<StepOutcome>,
  broken: Remembered<Risk>,
): Promise<Remembered<Economy>> {
  const { node, gpu, gpus } = spec.cluster;
  const { facility } = spec;
  const made = spec.cluster.network.kind === 'generated' ? spec.cluster.network.switch : null;
  const slice = { facility, node, gpu, gpus, tokens: spec.training.tokens, made };
  return runner.run('economy', slice, [network, timed, broken], (catalog) => {
    const plant = plantOf({
      fabric: network.value.fabric,
      gpus,
      gpusPerNode: node.gpus,
      switchRate: made && made.ports * made.portRate,
      storageBytes: facility.storage ?? gpus * catalog.get('storage.bytes-per-gpu').value,
    });
    const { ettr } = broken.value;
    const step = timed.value.step;
    // A run that never ends has no cost; that of its steps alone is what can be said.
    return analyseEconomy({ ...slice, plant, step, ...(ettr > 0 && { ettr }) }, catalog);
  });
}
