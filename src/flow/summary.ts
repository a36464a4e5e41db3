import { oncePer } from '../base/once.ts';
import { isSwitch } from '../fabric/builder.ts';
import type { Fabric } from '../fabric/types.ts';
import { busiest } from './bottleneck.ts';
import type { LinkLoad, LoadSummary } from './types.ts';

/** The live links between switches, ascending: the link set of every maximum that routing is judged by. */
export const switchLinks = oncePer((fabric: Fabric): Uint32Array => {
  const links: number[] = [];
  for (let l = 0; l < fabric.links; l++) {
    if (fabric.linkAlive[l] !== 1) continue;
    if (isSwitch(fabric, fabric.linkFrom[l]!) && isSwitch(fabric, fabric.linkTo[l]!)) links.push(l);
  }
  return Uint32Array.from(links);
});

/** Largest and mean load of the links between switches, in seconds at line rate. O(links). */
export function summarise(
  fabric: Fabric,
  load: LinkLoad,
  links: Uint32Array = switchLinks(fabric),
): LoadSummary {
  let sum = 0;
  for (let i = 0; i < links.length; i++) sum += load[links[i]!]! / fabric.linkRate[links[i]!]!;
  const { seconds, link } = busiest(fabric, load, links);
  return { maxLoad: seconds, link, meanLoad: links.length === 0 ? 0 : sum / links.length };
}

/** The live links of endpoints, both directions, ascending. */
export const nicLinks = oncePer((fabric: Fabric): Uint32Array => {
  const links: number[] = [];
  for (let l = 0; l < fabric.links; l++) {
    if (fabric.linkAlive[l] !== 1) continue;
    if (!isSwitch(fabric, fabric.linkFrom[l]!) || !isSwitch(fabric, fabric.linkTo[l]!)) links.push(l);
  }
  return Uint32Array.from(links);
});
