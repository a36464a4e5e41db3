import { ok, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import type { ScopeBytes } from '../fabric/types.ts';
import type { RoutingOutcome } from '../routing/types.ts';
import type { Spec } from '../spec/types.ts';
import { groupCount, groupSize } from '../workload/groups.ts';
import type { Operation, Workload } from '../workload/types.ts';
import { checkExpectations, noJam } from './checks.ts';
import type {
  Artefacts,
  Assumptions,
  FittingPlan,
  OperationSummary,
  Plan,
  PlanFabric,
  PlanRouting,
  PlanSpec,
  PlanTraffic,
  PlanWorkload,
} from './types.ts';

/** One JSON object out of the stages' results; sections that were not computed are absent. */
export function assemble(
  spec: Spec,
  artefacts: Artefacts,
  used: ReadonlySet<string>,
  catalog: Catalog,
  { fitting, checks }: { readonly fitting?: FittingPlan | null; readonly checks: boolean },
): Result<Plan> {
  const checked = new Set(used);
  const { profile, routing, step, risk, economy } = artefacts;
  const sections = {
    version: 1 as const,
    spec: planSpec(spec),
    workload: planWorkload(artefacts.workload),
    traffic: planTraffic(artefacts),
    fabric: planFabric(spec, artefacts),
    ...(profile && { profile }),
    ...(routing && { routing: planRouting(routing) }),
    ...(step && { step: step.step }),
    ...(fitting !== undefined && { fitting }),
    ...(risk && { risk }),
    ...(economy && { economy }),
  };
  const checking = checks && routing !== undefined;
  const jam = checking ? noJam(artefacts, routing, catalog.track(checked)) : undefined;
  const expectations = !checking
    ? ok([])
    : checkExpectations({ ...sections, checks: { noJam: jam } }, spec.expect);
  if (!expectations.ok) return expectations;
  const { version, spec: asked, ...rest } = sections;
  return ok({
    version,
    spec: asked,
    assumptions: assumptions(spec, checked, catalog),
    ...rest,
    ...(jam && { checks: { noJam: jam, expectations: expectations.value } }),
  });
}

function planSpec(spec: Spec): PlanSpec {
  const { network } = spec.cluster;
  return {
    name: spec.name,
    seed: spec.seed,
    model: spec.model.id,
    modelName: spec.model.name,
    training: spec.training,
    parallelism: spec.parallelism,
    traffic: spec.traffic,
    node: spec.cluster.node.id,
    nodeName: spec.cluster.node.name,
    gpus: spec.cluster.gpus,
    gpusPerNode: spec.cluster.node.gpus,
    network: network.kind === 'generated' ? network : { kind: network.kind, transport: network.transport },
    placement: typeof spec.cluster.placement === 'string' ? spec.cluster.placement : 'rank map',
    routing: spec.routing,
    reliability: spec.reliability,
    facility: spec.facility,
  };
}

function planWorkload(workload: Workload): PlanWorkload {
  const { operations, stageStride: _, ...rest } = workload;
  return { ...rest, operations: operations.map(summariseOperation) };
}

function summariseOperation(o: Operation): OperationSummary {
  return {
    id: o.id,
    title: o.title,
    kind: o.kind,
    phase: o.phase,
    dimension: o.dimension,
    groups: groupCount(o.groups),
    groupSize: groupSize(o.groups),
    bytesPerRank: o.bytesPerRank,
    countByStage: o.count,
    overlaps: o.overlaps,
    forwarding: o.forwarding,
  };
}

function planTraffic({ placed }: Artefacts): PlanTraffic {
  return { total: sumScopes(placed.scopes), operations: placed.scopes };
}

/** Bytes of several operations together. */
export function sumScopes(scopes: readonly ScopeBytes[]): Omit<ScopeBytes, 'operation'> {
  const total = { intraNode: 0, intraLeaf: 0, crossLeaf: 0, crossPlane: 0 };
  for (const scope of scopes) {
    total.intraNode += scope.intraNode;
    total.intraLeaf += scope.intraLeaf;
    total.crossLeaf += scope.crossLeaf;
    total.crossPlane += scope.crossPlane;
  }
  return total;
}

function planFabric(spec: Spec, { fabric, placed }: Artefacts): PlanFabric {
  const { network } = spec.cluster;
  return {
    ...fabric.summary,
    transport: fabric.fabric.transport,
    switchModel: network.kind === 'generated' ? network.switch.model : null,
    placement: placed.report,
    alternatives: fabric.alternatives,
  };
}

function planRouting(routing: RoutingOutcome): PlanRouting {
  const { quality, bounds, alreadyOptimal, baselines, notes } = routing;
  return { ...quality, fractionalKind: bounds.fractionalKind, alreadyOptimal, baselines, notes };
}

/** What was read from the catalog, and what was taken because the spec was silent. */
function assumptions(spec: Spec, used: ReadonlySet<string>, catalog: Catalog): Assumptions {
  const known = new Set(catalog.ids('constant'));
  const constants = [...used].filter((id) => known.has(id)).sort();
  return { constants: constants.map((id) => ({ ...catalog.get(id) })), defaults: spec.defaults };
}
