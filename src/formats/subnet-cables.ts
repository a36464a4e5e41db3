import { hasErrors } from '../base/issue.ts';
import type { Result } from '../base/result.ts';
import { fail } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import type { IssueCollector } from './collector.ts';
import { assemble } from './subnet-assemble.ts';
import { isAggregator } from './subnet-names.ts';
import { type DumpCable, type DumpLink, type DumpNode, MOST_PORT } from './subnet-types.ts';

/** The nodes of a dump with their ports as a Fabric, or what stands against it. `nodes` by key; may gain some. */
export function fabricOfDump(
  nodes: Map<string, DumpNode>,
  label: string,
  issues: IssueCollector,
): Result<Fabric> {
  addUndeclared(nodes, issues);
  const cables = joinCables(nodes, issues);
  const all = [...nodes.values()];
  if (!all.some((n) => n.kind === 'S'))
    issues.add({ code: 'no-switch', message: 'the dump lists no switch' });
  if (!all.some((n) => n.kind === 'H' && !isAggregator(n)))
    issues.add({ code: 'no-adapter', message: 'the dump lists no channel adapter' });
  return hasErrors(issues.issues) ? fail(issues.issues) : assemble(all, cables, label, issues);
}

/** Adapters without a block of their own (aggregation nodes in some dumps), from what their switch tells of them. */
function addUndeclared(nodes: Map<string, DumpNode>, issues: IssueCollector): void {
  for (const node of [...nodes.values()]) {
    for (const [port, link] of node.links) {
      if (!link.peer.startsWith('H-') || nodes.has(link.peer)) continue;
      // A dump that is cut off or damaged is refused anyway; that its adapters are missing follows from it.
      if (issues.hasErrors) continue;
      issues.add({
        code: 'one-sided-link',
        severity: 'warning',
        line: link.line,
        message: `only port ${port} of ${node.key} tells of the adapter ${link.peer}; it is taken as it stands`,
      });
      const back: DumpLink = {
        peer: node.key,
        peerPort: port,
        rate: link.rate,
        lid: link.peerLid,
        lmc: 0,
        portGuid: link.peerPortGuid,
        peerDescription: node.description,
        peerLid: node.lid,
        peerPortGuid: '',
        alive: link.alive,
        line: link.line,
      };
      nodes.set(link.peer, {
        key: link.peer,
        kind: 'H',
        guid: link.peer.slice(2),
        ports: link.peerPort,
        description: link.peerDescription,
        lid: 0,
        line: link.line,
        links: new Map([[link.peerPort, back]]),
      });
    }
  }
}

/** Every cable once. A cable must be told alike from both ends; told from one end only, it stands with a warning. */
function joinCables(nodes: ReadonlyMap<string, DumpNode>, issues: IssueCollector): DumpCable[] {
  const cables: DumpCable[] = [];
  const done = new Set<DumpLink>();
  for (const node of nodes.values()) {
    for (const [port, link] of node.links) {
      if (done.has(link)) continue;
      done.add(link);
      const peer = farEnd(nodes, node, port, link, issues);
      if (peer === null) continue;
      const back = peer.links.get(link.peerPort);
      if (back && (back.peer !== node.key || back.peerPort !== port)) {
        issues.add({
          code: 'conflicting-link',
          line: link.line,
          message: `port ${port} of ${node.key} goes to port ${link.peerPort} of ${peer.key}, but line ${back.line} says that this goes to port ${back.peerPort} of ${back.peer}`,
        });
        done.add(back);
        continue;
      }
      if (!back) {
        issues.add({
          code: 'one-sided-link',
          severity: 'warning',
          line: link.line,
          message: `only ${node.key} tells of the cable from its port ${port} to port ${link.peerPort} of ${peer.key}; it is taken as it stands`,
        });
      } else done.add(back);
      cables.push({
        a: node,
        aPort: port,
        b: peer,
        bPort: link.peerPort,
        rate: back ? Math.min(link.rate, back.rate) : link.rate,
        alive: link.alive && (back?.alive ?? true),
      });
    }
  }
  return cables;
}

/** The node at the other end of a cable; null with an issue when it is none, or none with such a port. */
function farEnd(
  nodes: ReadonlyMap<string, DumpNode>,
  node: DumpNode,
  port: number,
  link: DumpLink,
  issues: IssueCollector,
): DumpNode | null {
  const peer = nodes.get(link.peer);
  if (!peer) {
    issues.add({
      code: 'unknown-node',
      line: link.line,
      message: `port ${port} of ${node.key} goes to ${link.peer}, which the dump does not declare`,
      hint: 'the dump looks cut off; take it again',
    });
    return null;
  }
  if (link.peerPort < 1 || link.peerPort > Math.min(peer.ports, MOST_PORT) || peer === node) {
    issues.add({
      code: 'port-range',
      line: link.line,
      message: `port ${port} of ${node.key} goes to port ${link.peerPort} of ${peer.key}`,
      found: String(link.peerPort),
      allowed: peer === node ? 'a port of another node' : `1 to ${Math.min(peer.ports, MOST_PORT)}`,
    });
    return null;
  }
  return peer;
}
