import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { nearest } from '../units/nearest.ts';
import { leavesOf, podsOf } from './detect.ts';
import { type Fabric, NodeKind, type NodePorts } from './types.ts';

/** Which endpoints serve which GPU, on every host that has the NICs of the node shape. */
export interface HostTable {
  /** Hosts that a job can use, in fabric order. */
  readonly usable: Int32Array;
  /** As in Placement. */
  readonly lanes: number;
  readonly endpointOf: Int32Array;
}

/**
 * Endpoints of each GPU of each host: NIC i serves GPU floor(i * gpus / nics); GPUs that share a NIC share its
 * endpoints, a GPU with several NICs (or ports) sprays over them. A host's first NICs are taken, further ones (storage)
 * are left alone; -1 on hosts that lack NICs, which are not `usable`. O(endpoints log).
 */
export function hostTable(fabric: Fabric, node: NodePorts, gpusPerNode: number): HostTable {
  const byHost: number[][] = Array.from({ length: fabric.hosts.count }, () => []);
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.kind[e] === NodeKind.endpoint && fabric.hosts.of[e]! >= 0)
      byHost[fabric.hosts.of[e]!]!.push(e);
  }
  const { nic } = fabric.hosts;
  let ports = 1;
  for (const list of byHost) {
    list.sort((x, y) => nic[x]! - nic[y]! || fabric.plane[x]! - fabric.plane[y]! || x - y);
    for (let i = ports; i < list.length; i++)
      while (ports <= i && nic[list[i]!] === nic[list[i - ports]!]) ports++;
  }
  const nicsPerGpu = Math.max(1, Math.floor(node.nics / gpusPerNode));
  const lanes = nicsPerGpu * ports;
  const endpointOf = new Int32Array(fabric.hosts.count * gpusPerNode * lanes).fill(-1);
  const usable: number[] = [];
  for (let host = 0; host < byHost.length; host++) {
    const list = byHost[host]!;
    if (list.length < node.nics * ports) continue;
    usable.push(host);
    for (let gpu = 0; gpu < gpusPerNode; gpu++) {
      const first = node.nics >= gpusPerNode ? gpu * nicsPerGpu : Math.floor((gpu * node.nics) / gpusPerNode);
      for (let lane = 0; lane < lanes; lane++)
        endpointOf[(host * gpusPerNode + gpu) * lanes + lane] = list[first * ports + lane]!;
    }
  }
  return { usable: Int32Array.from(usable), lanes, endpointOf };
}

/** The job's hosts by name, in that order; without names, every usable host. Issues: unknown, unfit, too few. */
export function chooseHosts(
  fabric: Fabric,
  table: HostTable,
  names: readonly string[] | null,
  nodes: number,
): Result<Int32Array> {
  const issues: Issue[] = [];
  let chosen = table.usable;
  if (names !== null) {
    const fit = new Set(table.usable);
    const index = new Map(fabric.hosts.names.map((name, i) => [name, i]));
    const seen = new Set<number>();
    for (const [i, name] of names.entries()) {
      const host = index.get(name);
      const path = ['cluster', 'network', 'hosts', i];
      if (host === undefined) {
        const near = nearest(name, fabric.hosts.names);
        issues.push(
          issue({
            code: 'unknown-host',
            path,
            message: `there is no host '${name}' in ${fabric.name}`,
            ...(near === undefined ? {} : { nearest: near }),
          }),
        );
      } else if (!fit.has(host)) {
        issues.push(
          issue({
            code: 'unfit-host',
            path,
            message: `the host '${name}' has fewer NICs on the fabric than the node shape`,
          }),
        );
      } else if (seen.has(host)) {
        issues.push(issue({ code: 'duplicate-host', path, message: `the host '${name}' is listed twice` }));
      } else seen.add(host);
    }
    chosen = Int32Array.from(seen);
  }
  if (issues.length === 0 && chosen.length < nodes) {
    issues.push(
      issue({
        code: 'too-few-hosts',
        path: ['cluster', 'gpus'],
        message: `the job needs ${nodes} nodes`,
        found: `${chosen.length} hosts with all NICs of the node shape, of ${fabric.hosts.count} in ${fabric.name}`,
      }),
    );
  }
  return issues.length > 0 ? fail(issues) : ok(chosen);
}

/** Which hosts share all their leaves (the group a placement packs into), and which share a pod; length hosts. */
export function leafGroups(fabric: Fabric): {
  readonly group: Int32Array;
  readonly pod: Int32Array;
  readonly groups: number;
} {
  const leaf = leavesOf(fabric);
  const { pod: podOf } = podsOf(fabric);
  const signature: string[] = new Array(fabric.hosts.count).fill('');
  const pod = new Int32Array(fabric.hosts.count).fill(-1);
  for (let e = 0; e < fabric.endpoints; e++) {
    const host = fabric.hosts.of[e]!;
    if (host < 0) continue;
    signature[host] += `${leaf[e]} `;
    if (pod[host] === -1 && leaf[e]! >= 0) pod[host] = podOf[leaf[e]!]!;
  }
  const ids = new Map<string, number>();
  const group = Int32Array.from(signature, (s) => {
    const id = ids.get(s) ?? ids.size;
    ids.set(s, id);
    return id;
  });
  return { group, pod, groups: ids.size };
}
