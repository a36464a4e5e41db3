import { linkLoads } from '../flow/loads.ts';
import type { ArtefactFile, Evaluation } from '../plan/types.ts';
import { moduloTables } from '../routes/modulo.ts';
import type { Routes } from '../routes/types.ts';
import { formatSeconds } from '../units/format.ts';
import { uplinkHeatmap } from './heatmap.ts';

/** The pictures of a plan's folder: the leaves' uplinks under ECMP, destination-modulo and the chosen routing. */
export function pictureFiles({ plan, artefacts }: Evaluation): ArtefactFile[] {
  const { routing, profile, placed } = artefacts;
  if (routing === undefined || profile === undefined) return [];
  const { fabric, hops } = artefacts.fabric;
  const loadOf = (routes: Routes) => linkLoads(fabric, hops, placed.flows, routes);
  const { queuePairs } = plan.spec.traffic;
  const seed = profile.policies.find((p) => p.seeds)?.seeds?.medianSeed ?? plan.spec.seed;
  const busiest = (name: string): string => {
    const quality = plan.routing?.baselines.find((b) => b.strategy === name) ?? plan.routing;
    return `busiest link ${formatSeconds(quality?.maxLoad ?? 0)}`;
  };
  const { strategy } = plan.spec.routing;
  const panels = [
    {
      label: `ECMP, median of its seeds: ${busiest('ecmp')}`,
      load: loadOf({ kind: 'ecmp', seed, queuePairs }),
    },
    { label: `destination-modulo: ${busiest('modulo')}`, load: loadOf(moduloTables(fabric, hops)) },
    { label: `Planewright, ${strategy}: ${busiest('')}`, load: loadOf(routing.chosen.routes) },
  ];
  const maps = plan.fabric.planes > 1 ? 'a map a plane, ' : '';
  const subtitle = `Uplinks of the leaves in one step: ${maps}a row a leaf, a cell an uplink`;
  return [{ name: 'uplinks.svg', chunks: [uplinkHeatmap(fabric, plan.spec.name, subtitle, panels)] }];
}
