import type { IssueInput } from '../base/issue.ts';
import type { NodeShape } from '../catalog/types.ts';
import { formatCount, formatLineRate } from '../units/format.ts';
import type { When } from './checks.ts';
import type { Draft } from './resolve.ts';
import type { GeneratedNetwork } from './types.ts';

type Report = (input: IssueInput) => void;

const AT = ['cluster', 'network'] as const;

/** Whether the network asked for can exist: planes for the NICs, ports for the layers, hosts for the job. */
export function checkNetwork(d: Draft, report: Report, when: When): void {
  const { network, node, gpus } = d.cluster;
  if (network.kind === 'imported') {
    const { hosts } = network;
    when(['cluster'], () => {
      if (hosts !== null && node !== undefined && gpus !== undefined)
        checkHosts(hosts.length, node, gpus, report);
    });
    return;
  }
  const at = (key: string) => `cluster.network.${key}`;
  when([at('planes'), at('topology'), at('nicPorts'), 'cluster.node'], () =>
    checkPlanes(network, node, report),
  );
  when([at('switch'), at('nicPorts'), at('planes'), 'cluster.node'], () => checkRate(network, node, report));
  when([at('switch'), at('oversubscription'), at('hostsPerLeaf')], () => {
    if (checkRadix(network, report) && node !== undefined && gpus !== undefined) {
      when(['cluster'], () => checkCapacity(network, node, gpus, report));
    }
  });
}

function checkHosts(hosts: number, node: NodeShape, gpus: number, report: Report): void {
  if (hosts * node.gpus >= gpus) return;
  report({
    code: 'out-of-range',
    path: [...AT, 'hosts'],
    message: `${hosts} hosts of ${node.gpus} GPUs are too few for ${formatCount(gpus)} GPUs`,
    allowed: `at least ${Math.ceil(gpus / node.gpus)} hosts`,
  });
}

function checkPlanes(n: GeneratedNetwork, node: NodeShape | undefined, report: Report): void {
  if (n.planes === 'auto') return;
  const path = [...AT, 'planes'];
  if (n.planes > 1 && (n.topology === 'fat-tree' || n.topology === 'rail-optimized')) {
    report({
      code: 'conflict',
      path,
      message: `a ${n.topology} network is one plane`,
      allowed: '1',
      hint: 'topology: multi-plane-fat-tree has several',
    });
  } else if (node !== undefined && n.nicPorts === 'per-nic' && node.nics % n.planes !== 0) {
    report({
      code: 'indivisible',
      path,
      message: `${node.nics} NICs of a server do not share out over ${n.planes} planes`,
      allowed: `a divisor of ${node.nics}`,
    });
  }
}

function checkRate(n: GeneratedNetwork, node: NodeShape | undefined, report: Report): void {
  if (node === undefined || n.planes === 'auto') return;
  const port = n.nicPorts === 'per-nic' ? node.nicRate : node.nicRate / n.planes;
  if (n.switch.portRate === port) return;
  report({
    code: 'rate-mismatch',
    severity: 'warning',
    path: [...AT, 'switch'],
    message: `a NIC port has ${formatLineRate(port)}, a switch port ${formatLineRate(n.switch.portRate)}; a cable runs at the slower`,
  });
}

/** Ports of a leaf that face hosts; at least one uplink stays. */
function leafDown(n: GeneratedNetwork): number {
  const byRatio = Math.floor((n.switch.ports * n.oversubscription.leaf) / (1 + n.oversubscription.leaf));
  return n.hostsPerLeaf ?? Math.min(n.switch.ports - 1, byRatio);
}

/** False when the switch is too small for any tree. */
function checkRadix(n: GeneratedNetwork, report: Report): boolean {
  const { ports } = n.switch;
  const down = leafDown(n);
  if (ports >= 4 && down >= 1 && down < ports) return true;
  const filled = n.hostsPerLeaf !== null && ports >= 4;
  report({
    code: 'radix-too-small',
    path: [...AT, filled ? 'hostsPerLeaf' : 'switch'],
    message: filled
      ? `${n.hostsPerLeaf} hosts leave no uplink on ${ports} ports`
      : `a switch of ${ports} ports makes no tree`,
    allowed: filled ? `1 to ${ports - 1}` : 'at least 4 ports, so that a leaf has hosts and uplinks',
  });
  return false;
}

/** Most endpoints of one plane. Two layers: a spine port for each leaf. Three: a core port for each pod. */
export function planeCapacity(n: GeneratedNetwork, layers: 2 | 3): number {
  const { ports } = n.switch;
  const down = leafDown(n);
  if (layers === 2) return down * ports;
  const { spine } = n.oversubscription;
  const podLeaves = Math.max(1, Math.min(ports - 1, Math.floor((ports * spine) / (1 + spine))));
  return Math.min(n.podEndpoints ?? Infinity, down * podLeaves) * ports;
}

function checkCapacity(n: GeneratedNetwork, node: NodeShape, gpus: number, report: Report): void {
  const layers = n.layers === 'auto' ? 3 : n.layers;
  // An open number of planes is judged by the most there can be.
  const planes = n.planes === 'auto' ? node.nics : n.planes;
  const nics = (gpus / node.gpus) * node.nics;
  const endpoints = Math.ceil(n.nicPorts === 'per-nic' ? nics / planes : nics);
  const capacity = planeCapacity(n, layers);
  if (endpoints <= capacity) return;
  report({
    code: 'radix-too-small',
    path: [...AT, n.layers === 'auto' ? 'switch' : 'layers'],
    message:
      `a plane of ${layers} layers of ${n.switch.ports}-port switches holds ${formatCount(capacity)} NIC ports, ` +
      `and this one needs ${formatCount(endpoints)}`,
    hint:
      layers === 2 ? 'use layers: 3, more planes or larger switches' : 'use more planes or larger switches',
  });
}
