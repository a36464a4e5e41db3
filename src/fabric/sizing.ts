import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { GeneratedNetwork } from '../spec/types.ts';
import type { NodePorts, Sizing } from './types.ts';

/** A generated network with every choice made. */
export type ResolvedNetwork = GeneratedNetwork & {
  readonly topology: Exclude<GeneratedNetwork['topology'], 'auto'>;
  readonly planes: number;
  readonly layers: 2 | 3;
};

export interface SizingInput {
  readonly network: ResolvedNetwork;
  readonly node: NodePorts;
  readonly gpus: number;
}

/**
 * Counts of a fat-tree for so many GPUs: fewest leaves, then fewest spines (and cores) that keep the
 * oversubscription. A leaf of k ports has d down and u up, d the largest with d + u <= k and
 * u >= d * endpointRate / (switchRate * oversubscription); a pod spine likewise (Al-Fares, Loukissas and Vahdat,
 * SIGCOMM 2008, for 1:1). A leaf that is filled to fewer than d hosts on purpose keeps the uplinks of a full one;
 * one that is half empty for lack of hosts does not. Issues say what would be needed. O(k).
 */
export function sizeNetwork(input: SizingInput): Result<Sizing> {
  const { network, node, gpus } = input;
  const shape = endpointShape(input);
  if (!shape.ok) return shape;
  const { planes, portsPerNic, hostPorts, endpointRate } = shape.value;
  const k = network.switch.ports;
  const switchRate = network.switch.portRate;
  const rails = network.topology === 'rail-optimized' ? node.nics : 1;
  const portsOfUnitHost = network.topology === 'rail-optimized' ? 1 : hostPorts;

  const perUplink = (network.oversubscription.leaf * switchRate) / endpointRate;
  const leafDown = largestDown(k, perUplink);
  if (leafDown < portsOfUnitHost) {
    const need = portsOfUnitHost + Math.ceil(portsOfUnitHost / perUplink - HAIR);
    return refuse(
      'radix-too-small',
      'switch',
      `a leaf must take the ${portsOfUnitHost} ports of a node and keep ${network.oversubscription.leaf}:1`,
      k,
      `${need} ports or more`,
    );
  }
  const filled = fillOf(network, leafDown, portsOfUnitHost);
  if (!filled.ok) return filled;
  const unitHosts = filled.value;
  const hosts = Math.ceil(gpus / node.gpus);
  const units = Math.ceil(hosts / unitHosts);
  const leaves = units * rails;
  const fullest = network.hostsPerLeaf === null ? Math.min(hosts, unitHosts) * portsOfUnitHost : leafDown;
  const leafUp = leaves === 1 ? 0 : Math.ceil(fullest / perUplink - HAIR);
  const base = {
    planes,
    hosts,
    nics: node.nics,
    portsPerNic,
    hostPorts,
    endpointRate,
    switchRate,
    leafDown,
    leafUp,
    unitLeaves: rails,
    unitHosts,
    units,
    leaves,
  };
  return network.layers === 2 ? sizeTwo(base, k) : sizeThree(base, k, network);
}

type Leaves = Omit<
  Sizing,
  'layers' | 'pods' | 'podUnits' | 'podSpines' | 'spineDown' | 'spineUp' | 'cores' | 'coreGroups' | 'capacity'
>;

function sizeTwo(leaf: Leaves, k: number): Result<Sizing> {
  const capacity = Math.floor(k / leaf.unitLeaves) * unitEndpoints(leaf);
  if (leaf.leaves > k) {
    return refuse(
      'radix-too-small',
      'layers',
      `two layers need ${leaf.leaves} leaves a plane, and a spine of ${k} ports reaches at most ${k}`,
      2,
      `3 layers, more planes, at most ${capacity} endpoints, or switches of ${leaf.leaves} ports`,
    );
  }
  return ok({
    ...leaf,
    layers: 2,
    pods: 1,
    podUnits: leaf.units,
    podSpines: Math.ceil((leaf.leaves * leaf.leafUp) / k),
    spineDown: k,
    spineUp: 0,
    cores: 0,
    coreGroups: 0,
    capacity,
  });
}

function sizeThree(leaf: Leaves, k: number, network: ResolvedNetwork): Result<Sizing> {
  const over = network.oversubscription.spine;
  const spineDown = largestDown(k, over);
  const mostUnits = Math.floor(spineDown / leaf.unitLeaves);
  if (mostUnits < 1) {
    return refuse(
      'radix-too-small',
      'switch',
      `a pod spine must reach the ${leaf.unitLeaves} leaves of a unit and keep ${over}:1`,
      k,
      `${leaf.unitLeaves + Math.ceil(leaf.unitLeaves / over - HAIR)} ports or more`,
    );
  }
  const unit = leaf.unitHosts * leaf.hostPorts;
  const asked = network.podEndpoints === null ? null : Math.floor(network.podEndpoints / unit);
  if (asked !== null && (asked < 1 || asked > mostUnits)) {
    return refuse(
      'pod-impossible',
      'podEndpoints',
      'a pod is made of whole leaves, each cabled to every spine of the pod',
      network.podEndpoints!,
      `${unit} to ${mostUnits * unit} with ${k} ports and ${over}:1`,
    );
  }
  const fit = asked ?? mostUnits;
  const capacity = k * fit * unitEndpoints(leaf);
  const pods = Math.ceil(leaf.units / fit);
  if (pods > k) {
    return refuse(
      'radix-too-small',
      'switch',
      `three layers need ${pods} pods, and a core of ${k} ports reaches at most ${k}`,
      k,
      `at most ${capacity} endpoints, more planes, or larger pods`,
    );
  }
  // Pods of a size that was asked for fill one after the other; otherwise they share the leaves evenly.
  const podUnits = asked === null ? Math.ceil(leaf.units / pods) : Math.min(asked, leaf.units);
  const podUplinks = podUnits * leaf.unitLeaves * leaf.leafUp;
  const podSpines = Math.ceil(podUplinks / (pods === 1 ? k : spineDown));
  const spineUp = pods === 1 ? 0 : Math.ceil(Math.ceil(podUplinks / podSpines) / over - HAIR);
  const { cores, coreGroups } = sizeCores(pods, podSpines, spineUp, k);
  return ok({
    ...leaf,
    layers: pods === 1 ? 2 : 3,
    pods,
    podUnits,
    podSpines,
    spineDown: pods === 1 ? k : spineDown,
    spineUp,
    cores,
    coreGroups,
    capacity,
  });
}

/**
 * Fewest cores, in as many groups as that number allows: with one group a spine number (the classic tree) a core
 * meets each pod at one spine; fewer groups let cores of odd sizes be shared by several spines.
 */
function sizeCores(
  pods: number,
  podSpines: number,
  spineUp: number,
  k: number,
): { cores: number; coreGroups: number } {
  if (pods === 1) return { cores: 0, coreGroups: 0 };
  const fewest = Math.ceil((pods * podSpines * spineUp) / k);
  for (let groups = podSpines; groups > 1; groups--) {
    if (podSpines % groups !== 0) continue;
    if (groups * Math.ceil((pods * (podSpines / groups) * spineUp) / k) === fewest)
      return { cores: fewest, coreGroups: groups };
  }
  return { cores: fewest, coreGroups: 1 };
}

/** Ports of NICs in planes: which endpoints a host has, and how fast they are. */
function endpointShape(
  input: SizingInput,
): Result<Pick<Sizing, 'planes' | 'portsPerNic' | 'hostPorts' | 'endpointRate'>> {
  const { network, node } = input;
  const { planes } = network;
  const rate = network.switch.portRate;
  if (network.topology !== 'multi-plane-fat-tree' && planes !== 1) {
    return refuse(
      'planes-impossible',
      'planes',
      `a ${network.topology} network is one plane`,
      planes,
      '1, or topology: multi-plane-fat-tree',
    );
  }
  if (network.nicPorts === 'per-plane') {
    const share = Math.min(node.nicRate / planes, rate);
    return ok({ planes, portsPerNic: planes, hostPorts: node.nics, endpointRate: share });
  }
  if (node.nics % planes !== 0) {
    const fitting = divisors(node.nics).join(', ');
    return refuse(
      'planes-impossible',
      'planes',
      `${node.nics} NICs of a node do not share out evenly over ${planes} planes`,
      planes,
      `${fitting}, or nicPorts: per-plane`,
    );
  }
  return ok({
    planes,
    portsPerNic: 1,
    hostPorts: node.nics / planes,
    endpointRate: Math.min(node.nicRate, rate),
  });
}

/** Hosts of a unit, by the number of endpoints a leaf is filled to. */
function fillOf(network: ResolvedNetwork, leafDown: number, hostPorts: number): Result<number> {
  const fill = network.hostsPerLeaf;
  if (fill !== null && (fill < hostPorts || fill > leafDown)) {
    return refuse(
      'fill-impossible',
      'hostsPerLeaf',
      `a leaf takes whole nodes of ${hostPorts} ports and has ${leafDown} ports for them`,
      fill,
      `${hostPorts} to ${leafDown}`,
    );
  }
  return ok(Math.floor((fill ?? leafDown) / hostPorts));
}

/** The largest d with d + ceil(d / perUplink) <= k, where one uplink carries `perUplink` down ports. */
function largestDown(k: number, perUplink: number): number {
  let down = k - 1;
  while (down > 0 && down + Math.ceil(down / perUplink - HAIR) > k) down--;
  return Math.max(down, 0);
}

/** Endpoints of a full unit, all planes. */
function unitEndpoints(leaf: Leaves): number {
  return leaf.unitHosts * leaf.nics * leaf.portsPerNic;
}

/** Divisors of n, ascending. */
export function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

function refuse(
  code: string,
  key: string,
  message: string,
  found: number,
  allowed: string,
): { ok: false; issues: readonly Issue[] } {
  return fail([issue({ code, path: ['cluster', 'network', key], message, found: String(found), allowed })]);
}
