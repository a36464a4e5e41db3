import type { Context } from '../base/context.ts';
import { InputError } from '../base/result.ts';
import { linkLoads } from '../flow/loads.ts';
import { riskBasis } from '../risk/analyse.ts';
import { priceFabricFaults } from '../risk/fabric-faults.ts';
import type { FabricFaults, Replan } from '../risk/types.ts';
import type { Topology } from '../spec/types.ts';
import { applyChanges } from './change.ts';
import { evaluate } from './evaluate.ts';
import { Memo } from './memo.ts';
import { riskInput } from './stages.ts';
import type { Change, DesignFaults, Evaluation, PlanRequest } from './types.ts';

/** Large enough that the stages of the intact design stay while its failures come and go. */
const REMEMBERED = 256;

/** What the failures of its own fabric cost this job: each kind of part taken out once, planned again. */
export async function fabricFaults(request: PlanRequest, context: Context): Promise<FabricFaults> {
  const memo = new Memo(REMEMBERED);
  const done = expectOk(await evaluate(request, context, { memo, until: 'step' }));
  const { fabric, placed, routing, step } = done.artefacts;
  const load = linkLoads(fabric.fabric, fabric.hops, placed.flows, routing!.chosen.routes);
  const seconds = load.map((bytes, l) => bytes / fabric.fabric.linkRate[l]!);
  const { rates } = riskBasis(riskInput(request.spec, fabric, step!), context.catalog);
  return priceFabricFaults(fabric.fabric, seconds, rates, replanner(request, context, memo), context.catalog);
}

/** The plan of the job on its fabric less some parts: the ranks stay where they are, flows and routes are made anew. */
function replanner(request: PlanRequest, context: Context, memo: Memo): Replan {
  return async (parts) => {
    const failed = applyChanges(
      request,
      parts.map((what): Change => ({ kind: 'fail', what })),
    );
    const { artefacts } = expectOk(await evaluate(failed, context, { memo, until: 'step' }));
    return {
      stepSeconds: artefacts.step!.step.seconds,
      diverted: artefacts.placed.diverted ?? 0,
      cutOff: artefacts.placed.cutOff ?? 0,
      unrouted: artefacts.profile!.bytes.unrouted,
    };
  };
}

const DESIGNS: readonly (readonly [string, Topology, number, 2 | 3])[] = [
  ['eight planes', 'multi-plane-fat-tree', 8, 2],
  ['one plane of two layers', 'fat-tree', 1, 2],
  ['one plane of three layers', 'fat-tree', 1, 3],
];

/** The same failures on the multi-plane, the single-plane and the three-layer design, as far as each can be built. */
export async function compareFaults(
  request: PlanRequest,
  context: Context,
): Promise<readonly DesignFaults[]> {
  const { network } = request.spec.cluster;
  if (network.kind !== 'generated') return [];
  const shapeOf = async (asked: PlanRequest) => {
    const built = await evaluate(asked, context, { until: 'placement' });
    return built.ok ? built.value.artefacts.fabric.summary : null;
  };
  const own = await shapeOf(request);
  const compared: DesignFaults[] = [];
  for (const [name, topology, planes, layers] of DESIGNS) {
    if (own?.planes === planes && own.layers === layers) continue;
    const value = { ...network, topology, planes, layers };
    const other = applyChanges(request, [{ kind: 'set', path: ['cluster', 'network'], value }]);
    const shape = await shapeOf(other);
    // What fits into fewer layers is built with fewer, and is no comparison then.
    const comparable =
      shape?.planes === planes && shape.layers === layers && (layers === 2 || shape.cores > 0);
    if (comparable) compared.push({ name, faults: await fabricFaults(other, context) });
  }
  return compared;
}

function expectOk(result: Awaited<ReturnType<typeof evaluate>>): Evaluation {
  if (!result.ok) throw new InputError(result.issues);
  return result.value;
}
