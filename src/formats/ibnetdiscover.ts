import { hasErrors } from '../base/issue.ts';
import { fail } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { IssueCollector } from './collector.ts';
import { assemble } from './ibnetdiscover-assemble.ts';
import { type DumpCable, type DumpLink, type DumpNode, DumpParser } from './ibnetdiscover-lines.ts';
import { isAggregator } from './ibnetdiscover-names.ts';
import type { Reader } from './types.ts';

/**
 * Reads what `ibnetdiscover` (rdma-core, infiniband-diags) prints: every switch and adapter with its ports, the
 * fabric as it is. Hosts come from the node descriptions ('a08-dgx-04 mlx5_5'), NIC numbers from the order of
 * the device names in a host; tiers and planes are found from the cables. Nodes are sorted by name, so the result
 * does not depend on where the dump was started.
 */
export const ibnetdiscover: Reader<Fabric> = {
  name: 'ibnetdiscover',

  sniff(head) {
    const text = new TextDecoder().decode(head);
    return /^(?:# Topology file|(?:vendid|switchguid|caguid)=0x|(?:Switch|Ca)\s+\d+\s+"[SH]-)/m.test(text);
  },

  async read(chunks, label) {
    const issues = new IssueCollector(label);
    const parser = new DumpParser(issues);
    try {
      for await (const line of readLines(gunzipped(chunks))) parser.push(line);
    } catch (error) {
      if (!(error instanceof CorruptGzip)) throw error;
      issues.add({ code: 'corrupt-gzip', message: error.message });
    }
    addUndeclared(parser.nodes, issues);
    const cables = joinCables(parser.nodes, issues);
    const nodes = [...parser.nodes.values()];
    if (!nodes.some((n) => n.kind === 'S'))
      issues.add({ code: 'no-switch', message: 'the dump lists no switch' });
    if (!nodes.some((n) => n.kind === 'H' && !isAggregator(n)))
      issues.add({ code: 'no-adapter', message: 'the dump lists no channel adapter' });
    if (hasErrors(issues.issues)) return fail(issues.issues);
    return assemble(nodes, cables, label, issues);
  },
};

/** Adapters without a block of their own (aggregation nodes in some dumps), from what their switch tells of them. */
function addUndeclared(nodes: Map<string, DumpNode>, issues: IssueCollector): void {
  for (const node of [...nodes.values()]) {
    for (const [port, link] of node.links) {
      if (!link.peer.startsWith('H-') || nodes.has(link.peer)) continue;
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
        peerDescription: node.description,
        peerLid: node.lid,
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
      const peer = nodes.get(link.peer);
      if (!peer) {
        issues.add({
          code: 'unknown-node',
          line: link.line,
          message: `port ${port} of ${node.key} goes to ${link.peer}, which the dump does not declare`,
          hint: 'the dump looks cut off; take it again',
        });
        continue;
      }
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
      });
    }
  }
  return cables;
}
