import type { NodeShape } from '../catalog/types.ts';
import { formatCount, formatLineRate } from '../units/format.ts';
import type { Draft } from './resolve.ts';
import type { Report, When } from './resolver.ts';
import type { GeneratedNetwork } from './types.ts';

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
  when([at('switch'), at('hostsPerLeaf')], () => checkRadix(network, report));
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

/** The least any tree needs; whether the GPUs fit is the fabric's to say, which sizes it. */
function checkRadix({ switch: { ports }, hostsPerLeaf }: GeneratedNetwork, report: Report): void {
  if (ports < 4) {
    report({
      code: 'radix-too-small',
      path: [...AT, 'switch'],
      message: `a switch of ${ports} ports makes no tree`,
      allowed: 'at least 4 ports, so that a leaf has hosts and uplinks',
    });
  } else if (hostsPerLeaf !== null && hostsPerLeaf >= ports) {
    report({
      code: 'radix-too-small',
      path: [...AT, 'hostsPerLeaf'],
      message: `${hostsPerLeaf} hosts leave no uplink on ${ports} ports`,
      allowed: `1 to ${ports - 1}`,
    });
  }
}
