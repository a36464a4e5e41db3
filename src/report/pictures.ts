import { whenRead } from '../plan/artefacts.ts';
import type { ArtefactFile, Evaluation } from '../plan/types.ts';
import { formatSeconds } from '../units/format.ts';
import { uplinkHeatmap } from './heatmap.ts';
import { type DrawnRouting, loadsUnder, planRoutings } from './routings.ts';

/** Routings of the picture, top to bottom. */
const SHOWN = ['ecmp', 'modulo', 'chosen'];

/** The pictures of a plan's folder: the leaves' uplinks under ECMP, destination-modulo and the chosen routing. */
export function pictureFiles(evaluation: Evaluation): ArtefactFile[] {
  const routings = planRoutings(evaluation);
  if (routings.length === 0) return [];
  return [{ name: 'uplinks.svg', chunks: whenRead(() => [uplinks(evaluation, routings)]) }];
}

function uplinks(evaluation: Evaluation, routings: readonly DrawnRouting[]): string {
  const { plan, artefacts } = evaluation;
  const panels = SHOWN.map((id) => {
    const { title, routes } = routings.find((r) => r.id === id)!;
    const quality = plan.routing?.baselines.find((b) => b.strategy === id) ?? plan.routing;
    const label = `${title}: busiest link ${formatSeconds(quality?.maxLoad ?? 0)}`;
    return { label, load: loadsUnder(evaluation, routes) };
  });
  const maps = plan.fabric.planes > 1 ? 'a map a plane, ' : '';
  const subtitle = `Uplinks of the leaves in one step: ${maps}a row a leaf, a cell an uplink`;
  return uplinkHeatmap(artefacts.fabric.fabric, plan.spec.name, subtitle, panels);
}
