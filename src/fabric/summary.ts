import { isRegular } from './detect.ts';
import { type Fabric, type FabricCounts, type FabricSummary, NodeKind } from './types.ts';

type Counts = { -readonly [K in keyof FabricCounts]: FabricCounts[K] };

/** The plan's `fabric` fields: counts of the whole and of each plane. Aggregators are no endpoints here. O(links). */
export function summariseFabric(fabric: Fabric): FabricSummary {
  const perPlane: Counts[] = Array.from({ length: fabric.planes }, none);
  let aggregators = 0;
  for (let n = 0; n < fabric.nodes; n++) {
    const plane = perPlane[fabric.plane[n]!]!;
    if (fabric.kind[n] === NodeKind.endpoint) plane.endpoints++;
    else if (fabric.kind[n] === NodeKind.aggregator) aggregators++;
    else {
      plane.switches++;
      if (fabric.tier[n] === 1) plane.leaves++;
      else if (fabric.tier[n] === 2) plane.spines++;
      else plane.cores++;
    }
  }
  for (let l = 0; l < fabric.links; l++) {
    if (fabric.linkReverse[l]! < l) continue;
    const plane = perPlane[fabric.plane[fabric.linkFrom[l]!]!]!;
    plane.cables++;
    if (fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints)
      plane.interSwitchLinks++;
    if (!fabric.linkAlive[l]) plane.deadLinks++;
  }
  const whole = none();
  for (const plane of perPlane)
    for (const key of Object.keys(whole) as (keyof Counts)[]) whole[key] += plane[key];
  return {
    name: fabric.name,
    planes: fabric.planes,
    layers: fabric.layers,
    ...whole,
    hosts: fabric.hosts.count,
    aggregators,
    regular: isRegular(fabric),
    perPlane,
  };
}

function none(): Counts {
  return {
    endpoints: 0,
    switches: 0,
    leaves: 0,
    spines: 0,
    cores: 0,
    interSwitchLinks: 0,
    cables: 0,
    deadLinks: 0,
  };
}
