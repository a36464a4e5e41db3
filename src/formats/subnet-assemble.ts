import { hasErrors } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { buildFabric, type CableInput, type NodeInput } from '../fabric/builder.ts';
import { LAST_UNICAST_LID } from '../fabric/identities.ts';
import { assignPlanes, assignTiers } from '../fabric/tiers.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import type { IssueCollector } from './collector.ts';
import { compareNatural } from './natural.ts';
import { hostAndDevice, isAggregator, stem, switchName, unique } from './subnet-names.ts';
import type { DumpCable, DumpNode } from './subnet-types.ts';

/** LMC has three bits. */
const MOST_LMC = 7;

/** One adapter port that has a cable, on its way to becoming an endpoint. */
interface Attachment {
  readonly node: DumpNode;
  readonly port: number;
  readonly address: Address;
  readonly host: string;
  readonly device: string;
  readonly aggregator: boolean;
}

/** How a subnet manager addresses an adapter's port; 0 and '' where no end of its cable tells. */
interface Address {
  readonly lid: number;
  readonly lmc: number;
  readonly guid: string;
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
    const { lid, guid: portGuid } = s ? s.node : attachments[i]!.address;
    return { name, kind: kind[i]!, tier: s?.tier ?? 0, plane: plane[i]!, guid: guids[i]!, lid, portGuid };
  });
  const layers = switches.reduce((most, s) => Math.max(most, s.tier), 2);
  const hosts = { hostNames, hostOf, nicOf };
  const lmc = commonLmc(attachments, issues);
  checkLids(nodes, [...attachments, ...switches], issues);
  checkParts(nodes, cables, [...attachments, ...switches], issues);
  if (hasErrors(issues.issues)) return fail(issues.issues);
  const identity = { name: stem(label), transport: 'infiniband' as const, planes, layers, lmc };
  return ok(buildFabric({ ...identity, nodes, cables, ...hosts }), issues.issues);
}

/** A LID beyond the unicast range is an error; one LID for two nodes of a plane a warning, for GUIDs tell them apart. */
function checkLids(
  nodes: readonly NodeInput[],
  origin: readonly { readonly node: DumpNode }[],
  issues: IssueCollector,
): void {
  const seen = new Map<string, NodeInput>();
  let first: { readonly line: number; readonly message: string } | null = null;
  let twins = 0;
  for (const [i, node] of nodes.entries()) {
    const lid = node.lid ?? 0;
    if (lid === 0) continue;
    const line = origin[i]!.node.line;
    if (lid > LAST_UNICAST_LID) {
      const allowed = `1 to ${LAST_UNICAST_LID}`;
      const message = `the LID of ${node.name} is out of range`;
      issues.add({ code: 'lid-range', line, message, found: String(lid), allowed });
    }
    const twin = seen.get(`${node.plane} ${lid}`);
    if (twin) {
      first ??= { line, message: `${twin.name} and ${node.name} have the same LID ${lid}` };
      twins++;
    }
    seen.set(`${node.plane} ${lid}`, node);
  }
  if (first === null) return;
  const more = twins > 1 ? `, and ${twins - 1} more nodes share theirs` : '';
  const message = `${first.message}${more}; they are told apart by GUID`;
  issues.add({ code: 'duplicate-lid', severity: 'warning', line: first.line, message });
}

/** Two subnets in one dump: parts of one plane, each with hosts and switches, that no cable joins. */
function checkParts(
  nodes: readonly NodeInput[],
  cables: readonly CableInput[],
  origin: readonly { readonly node: DumpNode }[],
  issues: IssueCollector,
): void {
  const part = Int32Array.from(nodes.keys());
  const top = (n: number): number => {
    let node = n;
    while (part[node] !== node) node = part[node] = part[part[node]!]!;
    return node;
  };
  for (const { a, b } of cables) part[Math.max(top(a), top(b))] = Math.min(top(a), top(b));
  const sizes = new Map<number, { hosts: number; switches: number }>();
  for (const [i, { kind }] of nodes.entries()) {
    const size = sizes.get(top(i)) ?? { hosts: 0, switches: 0 };
    sizes.set(top(i), size);
    if (kind === NodeKind.switch) size.switches++;
    else size.hosts++;
  }
  const seen = new Set<number>();
  for (const [first, { hosts, switches }] of sizes) {
    if (hosts < 2 || switches === 0) continue;
    const { plane, name } = nodes[first]!;
    if (seen.has(plane))
      issues.add({
        code: 'two-fabrics',
        severity: 'warning',
        line: origin[first]!.node.line,
        message: `no cable joins ${name} and what hangs together with it (${hosts} endpoints, ${switches} switches) to the rest: two fabrics in one file, or cables missing; they are taken as parts of one plane`,
      });
    seen.add(plane);
  }
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
    alive: c.alive,
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
    for (const [port, address] of own) attachments.push({ node, port, address, host, device, aggregator });
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

/** Cabled ports of each adapter with their addresses, which the far end tells where the adapter itself does not. */
function cabledPorts(cables: readonly DumpCable[]): Map<DumpNode, Map<number, Address>> {
  const ports = new Map<DumpNode, Map<number, Address>>();
  const note = (node: DumpNode, port: number, far: DumpNode, farPort: number): void => {
    if (node.kind !== 'H') return;
    const own = node.links.get(port);
    const told = far.links.get(farPort);
    const address = {
      lid: own?.lid || told?.peerLid || 0,
      lmc: own?.lmc ?? 0,
      guid: own?.portGuid || told?.peerPortGuid || '',
    };
    ports.set(node, (ports.get(node) ?? new Map<number, Address>()).set(port, address));
  };
  for (const c of cables) {
    note(c.a, c.aPort, c.b, c.bPort);
    note(c.b, c.bPort, c.a, c.aPort);
  }
  return ports;
}

/** One LMC holds in a subnet; where ports differ, the largest is taken, so that no LID range is cut short. */
function commonLmc(attachments: readonly Attachment[], issues: IssueCollector): number {
  const hosts = attachments.filter((x) => !x.aggregator).map((x) => x.address.lmc);
  const lmc = Math.min(
    MOST_LMC,
    hosts.reduce((most, x) => Math.max(most, x), 0),
  );
  if (hosts.some((x) => x !== lmc)) {
    const message = `adapters differ in LMC; the largest, ${lmc}, is taken for all`;
    issues.add({ code: 'mixed-lmc', severity: 'warning', message });
  }
  return lmc;
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
