import { ok, type Result } from '../base/result.ts';
import { buildFabric, type CableInput, type NodeInput } from '../fabric/builder.ts';
import { assignPlanes, assignTiers } from '../fabric/tiers.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import type { IssueCollector } from './collector.ts';
import type { DumpCable, DumpNode } from './ibnetdiscover-lines.ts';
import { hostAndDevice, isAggregator, stem, switchName, unique } from './ibnetdiscover-names.ts';
import { compareNatural } from './natural.ts';

/** One adapter port that has a cable, on its way to becoming an endpoint. */
interface Attachment {
  readonly node: DumpNode;
  readonly port: number;
  readonly lid: number;
  readonly host: string;
  readonly device: string;
  readonly aggregator: boolean;
}

/** A switch with what its name and place in the fabric turned out to be. */
interface Placed {
  readonly node: DumpNode;
  readonly name: string;
  readonly tier: number;
}

/**
 * The dump as a Fabric: endpoints by host and device, then aggregation nodes, then switches by tier and name, so that
 * the same fabric gets the same numbers whatever the dump started from. O(nodes log nodes + cables).
 */
export function assemble(
  dump: readonly DumpNode[],
  dumpCables: readonly DumpCable[],
  label: string,
  issues: IssueCollector,
): Result<Fabric> {
  const attachments = attach(dump, dumpCables, issues);
  const switches = sortedSwitches(dump, dumpCables, attachments);
  const kind = kinds(attachments, switches.length);
  const cables = wire(
    dumpCables,
    attachments,
    switches.map((s) => s.node),
  );
  const { hostNames, hostOf, nicOf } = numberHosts(attachments);
  const { plane, planes } = assignPlanes({ kind, cables }, hostOf);
  const guids = [...attachments, ...switches].map((x) => x.node.guid);
  const names = unique([...attachments.map(attachmentName), ...switches.map((s) => s.name)], guids);
  const nodes: NodeInput[] = names.map((name, i) => {
    const s = switches[i - attachments.length];
    const lid = s ? s.node.lid : attachments[i]!.lid;
    return { name, kind: kind[i]!, tier: s?.tier ?? 0, plane: plane[i]!, guid: guids[i]!, lid };
  });
  const layers = Math.max(2, ...switches.map((s) => s.tier));
  const hosts = { hostNames, hostOf, nicOf };
  const identity = { name: stem(label), transport: 'infiniband' as const, planes, layers };
  return ok(buildFabric({ ...identity, nodes, cables, ...hosts }), issues.issues);
}

/** Switches by tier, which is found on the dump's own order first, then by name. */
function sortedSwitches(
  dump: readonly DumpNode[],
  dumpCables: readonly DumpCable[],
  attachments: readonly Attachment[],
): Placed[] {
  const nodes = dump.filter((n) => n.kind === 'S');
  const cables = wire(dumpCables, attachments, nodes);
  const tier = assignTiers({ kind: kinds(attachments, nodes.length), cables });
  const placed = nodes.map((node, i) => ({
    node,
    name: switchName(node.description),
    tier: tier[attachments.length + i]!,
  }));
  return placed.sort(
    (x, y) => x.tier - y.tier || compareNatural(x.name, y.name) || compareNatural(x.node.guid, y.node.guid),
  );
}

function kinds(attachments: readonly Attachment[], switches: number): number[] {
  const ends = attachments.map((x) => (x.aggregator ? NodeKind.aggregator : NodeKind.endpoint));
  return [...ends, ...new Array<number>(switches).fill(NodeKind.switch)];
}

/** Cables by node id: attachments first, then the switches in the given order. */
function wire(
  cables: readonly DumpCable[],
  attachments: readonly Attachment[],
  switches: readonly DumpNode[],
): CableInput[] {
  const idOf = new Map<string, number>();
  attachments.forEach((x, i) => {
    idOf.set(`${x.node.key}[${x.port}]`, i);
  });
  switches.forEach((node, i) => {
    idOf.set(node.key, attachments.length + i);
  });
  const id = (node: DumpNode, port: number): number =>
    idOf.get(node.kind === 'S' ? node.key : `${node.key}[${port}]`)!;
  return cables.map((c) => ({
    a: id(c.a, c.aPort),
    aPort: c.aPort,
    b: id(c.b, c.bPort),
    bPort: c.bPort,
    rate: c.rate,
  }));
}

/** Cabled adapter ports in the order of their endpoints: by host, device and port; aggregation nodes last. */
function attach(
  dump: readonly DumpNode[],
  cables: readonly DumpCable[],
  issues: IssueCollector,
): Attachment[] {
  const ports = cabledPorts(cables);
  const attachments: Attachment[] = [];
  let nameless = 0;
  for (const node of dump) {
    if (node.kind !== 'H') continue;
    const aggregator = isAggregator(node);
    const named = aggregator ? null : hostAndDevice(node.description);
    const own = ports.get(node);
    if (!own) {
      const message = `the adapter ${node.key} has no cable and is left out`;
      issues.add({ code: 'no-cable', severity: 'warning', line: node.line, message });
      continue;
    }
    if (!aggregator && !named) nameless++;
    const { host, device } = named ?? { host: `H-${node.guid}`, device: '' };
    for (const [port, lid] of own) attachments.push({ node, port, lid, host, device, aggregator });
  }
  if (nameless > 0) {
    issues.add({
      code: 'nameless-adapters',
      severity: 'warning',
      message: `${nameless} adapters carry no host name; each is taken as a host of its own`,
      hint: 'set the node descriptions (rdma-ndd) and take the dump again',
    });
  }
  // Nameless adapters, which have no device either, stand behind every named host.
  return attachments.sort(
    (x, y) =>
      Number(x.aggregator) - Number(y.aggregator) ||
      Number(x.device === '') - Number(y.device === '') ||
      compareNatural(x.host, y.host) ||
      compareNatural(x.device, y.device) ||
      compareNatural(x.node.guid, y.node.guid) ||
      x.port - y.port,
  );
}

/** Cabled ports of each adapter with their LIDs, which the far end tells where the adapter itself does not. */
function cabledPorts(cables: readonly DumpCable[]): Map<DumpNode, Map<number, number>> {
  const ports = new Map<DumpNode, Map<number, number>>();
  const note = (node: DumpNode, port: number, far: DumpNode, farPort: number): void => {
    if (node.kind !== 'H') return;
    const lid = node.links.get(port)?.lid || far.links.get(farPort)?.peerLid || 0;
    ports.set(node, (ports.get(node) ?? new Map<number, number>()).set(port, lid));
  };
  for (const c of cables) {
    note(c.a, c.aPort, c.b, c.bPort);
    note(c.b, c.bPort, c.a, c.aPort);
  }
  return ports;
}

/** Hosts in the order of their first adapter, and the NICs of each counted from 0. */
function numberHosts(attachments: readonly Attachment[]): {
  hostNames: string[];
  hostOf: number[];
  nicOf: number[];
} {
  const hostNames: string[] = [];
  const hostOf: number[] = [];
  const nicOf: number[] = [];
  const index = new Map<string, number>();
  const nics: number[] = [];
  for (const x of attachments) {
    let host = -1;
    if (!x.aggregator) {
      host = index.get(x.host) ?? hostNames.length;
      if (host === hostNames.length) {
        index.set(x.host, host);
        hostNames.push(x.host);
        nics.push(0);
      }
    }
    hostOf.push(host);
    nicOf.push(host < 0 ? 0 : nics[host]!++);
  }
  return { hostNames, hostOf, nicOf };
}

function attachmentName(x: Attachment): string {
  const name = x.node.description.replace(/\s+/g, ' ');
  return x.node.ports > 1 ? `${name}/${x.port}` : name;
}
