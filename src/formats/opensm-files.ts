import { isSwitch } from '../fabric/builder.ts';
import { lidsOf } from '../fabric/identities.ts';
import type { IdentifiedFabric } from '../fabric/types.ts';
import { NodeKind } from '../fabric/types.ts';

/** GUIDs of the plane's top switches, a line each: OpenSM's `root_guid_file` (up/down, fat-tree). */
export function* rootGuids(fabric: IdentifiedFabric, plane: number): Generator<string> {
  let top = 0;
  for (let n = fabric.endpoints; n < fabric.nodes; n++)
    if (fabric.plane[n] === plane) top = Math.max(top, fabric.tier[n]!);
  for (let n = fabric.endpoints; n < fabric.nodes; n++)
    if (fabric.plane[n] === plane && fabric.tier[n] === top) yield `0x${fabric.guid[n]}\n`;
}

/**
 * Port GUIDs of the plane's compute endpoints, a line each, in the fabric's order: hosts side by side, so that it
 * serves as `cn_guid_file` (who is a compute node) and as `guid_routing_order_file` (whom to route first).
 */
export function* computeGuids(fabric: IdentifiedFabric, plane: number): Generator<string> {
  for (let n = 0; n < fabric.endpoints; n++)
    if (fabric.plane[n] === plane && fabric.kind[n] === NodeKind.endpoint) yield `0x${fabric.portGuid[n]}\n`;
}

/**
 * OpenSM's memory of LIDs, `guid2lid` in its cache folder: port GUID, first and last LID. With it (and
 * `honor_guid2lid_file TRUE`) the subnet has the LIDs of our tables, which LMC > 0 needs.
 */
export function* guidToLid(fabric: IdentifiedFabric, plane: number): Generator<string> {
  const hex = (lid: number) => `0x${lid.toString(16).padStart(4, '0')}`;
  for (let n = 0; n < fabric.nodes; n++) {
    if (fabric.plane[n] !== plane) continue;
    const lid = fabric.lid[n]!;
    yield `0x${fabric.portGuid[n]} ${hex(lid)} ${hex(lid + lidsOf(fabric, n, fabric.lmc) - 1)}\n\n`;
  }
}

/** Names of the files that the fragment refers to, as they will be found on the subnet manager's host. */
export interface OpensmFileNames {
  readonly lfts: string;
  readonly roots: string;
  readonly compute: string;
}

/**
 * The options of `opensm.conf` under which these tables, and nothing else, are loaded. `routing_engine file` takes
 * the place of every other engine, the adaptive-routing ones too; without a second engine in the list OpenSM would
 * fall back to minhop and say so only in its log, so up/down stands there with our roots.
 */
export function* opensmConf(fabric: IdentifiedFabric, names: OpensmFileNames): Generator<string> {
  const options: readonly (readonly [string, string])[] = [
    ['# Tables by Planewright. Look for "file tables configured" in the log: a fault in the table file', ''],
    ['# makes OpenSM take the next engine without a word on the terminal.', ''],
    ['routing_engine', 'file,updn'],
    ['lfts_file', names.lfts],
    ['# Roots and compute nodes, for the fall-back engine and for ftree.', ''],
    ['root_guid_file', names.roots],
    ['cn_guid_file', names.compute],
    ['# Every port answers to 2^lmc LIDs; the tables hold an entry for each.', ''],
    ['lmc', String(fabric.lmc)],
    ['lmc_esp0', 'FALSE'],
    ['# LIDs stay as they are: the tables name them (put guid2lid into the cache folder first).', ''],
    ['reassign_lids', 'FALSE'],
    ['honor_guid2lid_file', 'TRUE'],
    ['# Nothing may move an entry after it was loaded.', ''],
    ['port_shifting', 'FALSE'],
    ['scatter_ports', '0'],
    ['use_ucast_cache', 'FALSE'],
  ];
  for (const [option, value] of options) yield value === '' ? `${option}\n` : `${option} ${value}\n`;
}

/** Most LIDs, ports and nodes of a plane, which ibsim must be told before it starts a large net. */
export function simulatorLimits(
  fabric: IdentifiedFabric,
  plane: number,
): { readonly nodes: number; readonly switches: number; readonly ports: number; readonly topLid: number } {
  let [nodes, switches, ports, topLid] = [0, 0, 0, 0];
  for (let n = 0; n < fabric.nodes; n++) {
    if (fabric.plane[n] !== plane) continue;
    nodes++;
    if (isSwitch(fabric, n)) switches++;
    let top = 1;
    for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++)
      top = Math.max(top, fabric.linkPort[l]!);
    ports += top + 1;
    topLid = Math.max(topLid, fabric.lid[n]! + lidsOf(fabric, n, fabric.lmc) - 1);
  }
  return { nodes, switches, ports, topLid };
}
