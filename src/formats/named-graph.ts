import { fail, ok, type Result } from '../base/result.ts';
import { buildFabric, type NodeInput } from '../fabric/builder.ts';
import { assignPlanes, assignTiers } from '../fabric/tiers.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import type { IssueCollector } from './collector.ts';
import { compareNatural } from './natural.ts';

/** One end of a cable in a list that knows nodes by name: a switch, or a NIC port of a host. */
export interface NamedEnd {
  readonly isSwitch: boolean;
  /** Name of the switch, or of the NIC port; the latter's host and NIC stand beside. */
  readonly name: string;
  readonly host: string;
  readonly device: string;
  readonly port: number;
}

export interface NamedCable {
  readonly a: NamedEnd;
  readonly b: NamedEnd;
  /** Bytes per second. */
  readonly rate: number;
  readonly alive: boolean;
  /** Line of the input, 0 where it has none. */
  readonly line: number;
}

/**
 * A fabric from cables between names: endpoints by host and device, switches by tier and name, so that the order of
 * the input does not matter; tiers and planes are found from the cables. Issues: 'no-switch', 'no-adapter',
 * 'duplicate-port', 'self-link'. O(cables log cables).
 */
export function fabricOfNames(
  name: string,
  transport: Fabric['transport'],
  cables: readonly NamedCable[],
  issues: IssueCollector,
): Result<Fabric> {
  const ends = new Map<string, NamedEnd>();
  for (const { a, b } of cables) for (const end of [a, b]) ends.set(end.name, end);
  checkPorts(cables, issues);
  const endpoints = [...ends.values()].filter((e) => !e.isSwitch).sort(byHost);
  const switches = [...ends.values()]
    .filter((e) => e.isSwitch)
    .sort((x, y) => compareNatural(x.name, y.name));
  if (switches.length === 0) issues.add({ code: 'no-switch', message: 'no cable ends at a switch' });
  if (endpoints.length === 0) issues.add({ code: 'no-adapter', message: 'no cable ends at a host' });
  if (issues.hasErrors) return fail(issues.issues);

  const first = wire(cables, [...endpoints, ...switches]);
  const kind = [...endpoints.map(() => NodeKind.endpoint), ...switches.map(() => NodeKind.switch)];
  const early = assignTiers({ kind, cables: first });
  const tierOf = new Map(switches.map((s, i) => [s.name, early[endpoints.length + i]!]));
  switches.sort((x, y) => tierOf.get(x.name)! - tierOf.get(y.name)! || compareNatural(x.name, y.name));
  const wired = wire(cables, [...endpoints, ...switches]);

  const hosts = [...new Set(endpoints.map((e) => e.host))];
  const indexOf = new Map(hosts.map((host, i) => [host, i]));
  const hostOf = endpoints.map((e) => indexOf.get(e.host)!);
  const firstOf = new Map([...hostOf.entries()].reverse().map(([i, host]) => [host, i]));
  const nicOf = hostOf.map((host, i) => i - firstOf.get(host)!);
  const { plane, planes } = assignPlanes({ kind, cables: wired }, hostOf);
  const nodes = [...endpoints, ...switches].map((end, i): NodeInput => {
    return { name: end.name, kind: kind[i]!, tier: tierOf.get(end.name) ?? 0, plane: plane[i]! };
  });
  const layers = [...tierOf.values()].reduce((most, tier) => Math.max(most, tier), 2);
  const identity = { name, transport, planes, layers };
  return ok(
    buildFabric({ ...identity, nodes, cables: wired, hostNames: hosts, hostOf, nicOf }),
    issues.issues,
  );
}

function byHost(x: NamedEnd, y: NamedEnd): number {
  return (
    compareNatural(x.host, y.host) || compareNatural(x.device, y.device) || compareNatural(x.name, y.name)
  );
}

function wire(cables: readonly NamedCable[], nodes: readonly NamedEnd[]) {
  const id = new Map(nodes.map((node, i) => [node.name, i]));
  return cables.map(({ a, b, rate, alive }) => ({
    a: id.get(a.name)!,
    aPort: a.port,
    b: id.get(b.name)!,
    bPort: b.port,
    rate,
    alive,
  }));
}

function checkPorts(cables: readonly NamedCable[], issues: IssueCollector): void {
  const taken = new Map<string, number>();
  for (const { a, b, line } of cables) {
    const at = line > 0 ? { line } : {};
    if (a.name === b.name) {
      issues.add({ code: 'self-link', ...at, message: `a cable from ${a.name} to itself` });
      continue;
    }
    for (const end of [a, b]) {
      const key = JSON.stringify([end.name, end.port]);
      const before = taken.get(key);
      if (before !== undefined) {
        const also = line > 0 ? `: here and in line ${before}` : '';
        const message = `port ${end.port} of ${end.name} has two cables${also}`;
        issues.add({ code: 'duplicate-port', ...at, message });
      }
      taken.set(key, line);
    }
  }
}
