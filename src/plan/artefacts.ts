import type { Catalog } from '../catalog/types.ts';
import { flowDemand, leafNodes } from '../fabric/project.ts';
import { writeFabricJson } from '../formats/fabric-json.ts';
import { writeRoutesJson } from '../formats/routes-json.ts';
import type { Spec } from '../spec/types.ts';
import { prepareStep } from '../step/evaluator.ts';
import { stepTimeline } from '../step/timeline.ts';
import { demandCsv, nodeDemand, rankDemand } from '../traffic/demand.ts';
import type { Demand } from '../traffic/types.ts';
import { planJson } from './library.ts';
import type { ArtefactFile, Evaluation } from './types.ts';

/** What a plan was made from, for the files that tell more than the plan holds. */
export interface MadeFrom {
  readonly spec: Spec;
  readonly catalog: Catalog;
}

/**
 * What `--out` writes: the plan, the fabric, the routes, the step's demand at every level as CSV and, given what the plan
 * was made from, the step's timeline as a trace for chrome://tracing or Perfetto.
 */
export function artefactFiles({ plan, artefacts }: Evaluation, from?: MadeFrom): ArtefactFile[] {
  const { fabric } = artefacts.fabric;
  const files: ArtefactFile[] = [
    { name: 'plan.json', chunks: whenRead(() => [planJson(plan)]) },
    { name: 'fabric.json', chunks: writeFabricJson(fabric) },
    ...demandFiles(artefacts),
  ];
  if (artefacts.routing !== undefined) {
    files.push({ name: 'routes.json', chunks: writeRoutesJson(fabric, artefacts.routing.chosen.routes) });
  }
  if (artefacts.step !== undefined && from !== undefined) {
    const { model, cluster } = from.spec;
    const evaluator = prepareStep(model, cluster.gpu, from.catalog);
    const { step, job, table } = artefacts.step;
    const chunks = stepTimeline(evaluator, job, table, step);
    files.push({ name: 'step-trace.json', chunks });
  }
  return files;
}

function demandFiles({ traffic, placed, fabric: { fabric } }: Evaluation['artefacts']): ArtefactFile[] {
  const { layout, transfers } = traffic;
  const host = (node: number): string => fabric.hosts.names[placed.placement.host[node]!]!;
  const leaves = leafNodes(fabric);
  const flows = (level: 'nic' | 'plane' | 'leaf') => () => flowDemand(fabric, placed.flows, level);
  return [
    csv(
      'rank',
      () => rankDemand(transfers, layout.ranks, 'step'),
      (rank) => `rank${rank}`,
    ),
    csv('node', () => nodeDemand(transfers, layout, 'step'), host),
    csv('nic', flows('nic'), (nic) => fabric.names[nic]!),
    csv('plane', flows('plane'), (plane) => `plane${plane}`),
    csv('leaf', flows('leaf'), (leaf) => fabric.names[leaves[leaf]!]!),
  ];
}

function csv(level: Demand['level'], demand: () => Demand, nameOf: (row: number) => string): ArtefactFile {
  return { name: `traffic-${level}.csv`, chunks: whenRead(() => demandCsv(demand(), nameOf)) };
}

/** Chunks that are made when somebody reads the file: most are only listed. */
export function whenRead(make: () => Iterable<string>): Iterable<string> {
  return { [Symbol.iterator]: () => make()[Symbol.iterator]() };
}
