import type { Fabric, Flows } from '../fabric/types.ts';
import { linkLoads } from '../flow/loads.ts';
import { artefactFiles, type MadeFrom, whenRead } from '../plan/artefacts.ts';
import type { ArtefactFile, Evaluation } from '../plan/types.ts';
import type { Chart } from '../report/charts/types.ts';
import { htmlReport } from '../report/html.ts';
import { type FabricMaps, fabricMaps, type LoadMeasure, SECONDS } from '../report/map.ts';
import { pictureFiles } from '../report/pictures.ts';
import { type DrawnRouting, planRoutings } from '../report/routings.ts';
import { type Carried, carry } from '../report/selection.ts';
import type { NextHops } from '../routes/types.ts';
import type { TrafficDemand } from '../routing/types.ts';

/** What lies on the desk: a network with a demand, and the routings that can be looked at. */
export interface Open {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly flows: Flows;
  readonly maps: FabricMaps;
  readonly measure: LoadMeasure;
  readonly routings: readonly DrawnRouting[];
  readonly evaluation: Evaluation | null;
  readonly files: () => readonly ArtefactFile[];
  readonly loads: Map<string, Float64Array>;
  readonly carried: Map<string, Carried>;
}

export function openPlan(evaluation: Evaluation, charts: () => readonly Chart[], from: MadeFrom): Open {
  const { fabric, hops } = evaluation.artefacts.fabric;
  const { flows } = evaluation.artefacts.placed;
  const files = () => [
    ...artefactFiles(evaluation, from),
    ...pictureFiles(evaluation),
    { name: 'report.html', chunks: whenRead(() => [htmlReport(evaluation, charts())]) },
  ];
  const maps = fabricMaps(fabric);
  const routings = planRoutings(evaluation);
  return {
    fabric,
    hops,
    flows,
    maps,
    measure: SECONDS,
    routings,
    evaluation,
    files,
    loads: new Map(),
    carried: new Map(),
  };
}

/** `rate` is that of most links: what unit demand is counted at. */
export function openFabric(
  fabric: Fabric,
  hops: NextHops,
  { flows, unit }: TrafficDemand,
  routings: readonly DrawnRouting[],
  rate: number,
): Open {
  return {
    fabric,
    hops,
    flows,
    maps: fabricMaps(fabric),
    measure: unit ? { unit: 'count', factor: rate } : SECONDS,
    routings,
    evaluation: null,
    files: () => [],
    loads: new Map(),
    carried: new Map(),
  };
}

export function mapsOf({ fabric, maps, routings }: Open) {
  return {
    maps: maps.maps,
    endpoints: fabric.endpoints,
    names: fabric.names.slice(fabric.endpoints),
    routings: routings.map(({ id, title }) => ({ id, title })),
  };
}

/** Links of a cell of the maps, one way or the other. */
export function linksOf({ fabric, maps }: Open, cell: number, up: boolean): number[] {
  const ups = [...maps.links.subarray(maps.start[cell]!, maps.start[cell + 1]!)];
  return up ? ups : ups.map((l) => fabric.linkReverse[l]!);
}

export function routingOf(open: Open, id: string): DrawnRouting {
  const found = open.routings.find((r) => r.id === id);
  if (found === undefined) throw new Error(`no routing ${id}`);
  return found;
}

export function loadOf(open: Open, id: string): Float64Array {
  const known = open.loads.get(id);
  if (known !== undefined) return known;
  const load = linkLoads(open.fabric, open.hops, open.flows, routingOf(open, id).routes);
  open.loads.set(id, load);
  return load;
}

export function carriedBy(open: Open, id: string): Carried {
  const known = open.carried.get(id);
  if (known !== undefined) return known;
  const made = carry(
    open.fabric,
    open.hops,
    open.flows,
    routingOf(open, id).routes,
    loadOf(open, id),
    open.measure.unit === 'seconds' ? 'bytes' : 'pairs',
  );
  open.carried.set(id, made);
  return made;
}
