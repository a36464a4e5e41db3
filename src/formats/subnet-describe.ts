import { type IdentifiedFabric, NodeKind } from '../fabric/types.ts';
import { hostAndDevice, isAggregation, switchName } from './subnet-names.ts';

/** A switch or adapter as a dump shows it: endpoints of one node GUID are ports of one adapter. */
export interface DescribedNode {
  readonly kind: 'S' | 'H';
  readonly guid: string;
  readonly description: string;
  readonly ports: number;
  /** Node ids of the fabric: one for a switch, one for each cabled port of an adapter. */
  readonly members: readonly number[];
}

/**
 * The fabric's nodes with descriptions from which our reader makes the same names, hosts and devices again, as far
 * as a description can say them: names that a reader extended by port or GUID lose that again, a host's name stands
 * before its device's. Endpoints first, in their order; those without a live cable are left out.
 */
export function describeNodes(fabric: IdentifiedFabric, plane: number | null): DescribedNode[] {
  const members = new Map<string, number[]>();
  for (let node = 0; node < fabric.nodes; node++) {
    if (plane !== null && fabric.plane[node] !== plane) continue;
    if (node < fabric.endpoints && livePort(fabric, node) === 0) continue;
    const key = `${node < fabric.endpoints ? 'H' : 'S'}${fabric.guid[node]}`;
    const own = members.get(key);
    if (own) own.push(node);
    else members.set(key, [node]);
  }
  return [...members.values()].map((ids) =>
    ids[0]! < fabric.endpoints ? describeAdapter(fabric, ids) : describeSwitch(fabric, ids[0]!),
  );
}

/** Port of the first live cable of an endpoint, 0 for none. */
function livePort(fabric: IdentifiedFabric, node: number): number {
  for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++)
    if (fabric.linkAlive[l] === 1) return fabric.linkPort[l]!;
  return 0;
}

function topPort(fabric: IdentifiedFabric, node: number): number {
  let top = 1;
  for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++)
    top = Math.max(top, fabric.linkPort[l]!);
  return top;
}

function describeSwitch(fabric: IdentifiedFabric, node: number): DescribedNode {
  const guid = fabric.guid[node]!;
  const name = plain(withoutGuid(fabric.names[node]!, guid));
  return {
    kind: 'S',
    guid,
    description: switchDescription(name),
    ports: topPort(fabric, node),
    members: [node],
  };
}

/** A description whose switchName is `name`, with whatever decoration that takes. */
function switchDescription(name: string): string {
  if (switchName(name) === name) return name;
  const colon = name.indexOf(':');
  const model = colon < 0 ? `${name}:switch` : `${name.slice(0, colon)}:switch${name.slice(colon)}`;
  return `MF0;${model}/U1`;
}

function describeAdapter(fabric: IdentifiedFabric, members: readonly number[]): DescribedNode {
  const first = members[0]!;
  const guid = fabric.guid[first]!;
  const port = livePort(fabric, first);
  const name = plain(withoutGuid(fabric.names[first]!, guid));
  const several = name.endsWith(`/${port}`);
  const bare = several ? name.slice(0, -`/${port}`.length) : name;
  const top = members.reduce((most, node) => Math.max(most, topPort(fabric, node)), several ? 2 : 1);
  return { kind: 'H', guid, description: adapterDescription(fabric, first, bare), ports: top, members };
}

function adapterDescription(fabric: IdentifiedFabric, node: number, name: string): string {
  if (fabric.kind[node] === NodeKind.aggregator)
    return isAggregation(name) ? name : `${name} Aggregation Node`.trim();
  const host = fabric.hosts.names[fabric.hosts.of[node]!] ?? '';
  const read = hostAndDevice(name);
  if (read === null ? host === `H-${fabric.guid[node]}` : read.host === host) return name;
  const oneWord = plain(host).replace(/\s+/g, '_') || 'host';
  const rest = name.startsWith(host) ? name.slice(host.length).replace(/^[^A-Za-z0-9]+/, '') : '';
  return `${oneWord} ${rest.replace(/\s+/g, '_') || `nic${fabric.hosts.nic[node]}`}`;
}

/** Names that occur twice got their GUID from the reader, nameless nodes nothing but it. */
function withoutGuid(name: string, guid: string): string {
  if (name === guid) return '';
  return name.endsWith(` ${guid}`) ? name.slice(0, -guid.length - 1) : name;
}

/** What can stand between quotes on one line. */
function plain(name: string): string {
  return name.replace(/[\p{Cc}"]+/gu, ' ').trim();
}
