import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import type { GeneratedNetwork, Topology } from '../spec/types.ts';
import { divisors, type ResolvedNetwork, sizeNetwork } from './sizing.ts';
import type { DesignAlternative, NodePorts, Sizing } from './types.ts';

export interface DesignInput {
  /** Topology, planes and layers may each be 'auto'. */
  readonly network: GeneratedNetwork;
  readonly node: NodePorts;
  readonly gpus: number;
  readonly catalog: Catalog;
}

export interface Design {
  readonly network: ResolvedNetwork;
  /** Every design that was looked at, the chosen one among them, in the order of looking. */
  readonly alternatives: readonly DesignAlternative[];
}

/** Plane counts offered to NICs that have a port on every plane. */
const PORT_SPLITS = [2, 4, 8];

/**
 * Makes the choices that the spec left to us: every topology, plane and layer count that the fixed choices allow
 * is sized, and the cheapest by the two-price model (price.switch, price.inter-switch-link) wins; then fewest switch
 * hops; then the one with most room to grow; then the first (multi-plane with most planes before the others). With
 * nothing left to choose, the network as it stands. Issues: why no design fits. O(designs x radix).
 */
export function chooseDesign(input: DesignInput): Result<Design> {
  const candidates = enumerate(input).map((network) => appraise(input, network));
  let best: Candidate | null = null;
  for (const c of candidates) if (c.size && !c.obstacle && (best === null || better(c, best))) best = c;
  if (best === null) return fail(noneFits(input.network, candidates));
  const chosen = best;
  const alternatives = candidates.map((c) => describe(c, chosen, candidates.length));
  return ok({ network: chosen.network, alternatives });
}

interface Candidate {
  readonly network: ResolvedNetwork;
  readonly size: Sizing | null;
  /** Why it is out of the running, or null. */
  readonly obstacle: string | null;
  readonly issues: readonly Issue[];
  readonly switches: number;
  readonly links: number;
  readonly costUsd: number;
  readonly worstHops: number;
}

function enumerate(input: DesignInput): ResolvedNetwork[] {
  const { network, node } = input;
  const topologies: readonly Topology[] =
    network.topology === 'auto'
      ? ['multi-plane-fat-tree', 'rail-optimized', 'fat-tree']
      : [network.topology as Topology];
  const layerings: readonly (2 | 3)[] = network.layers === 'auto' ? [2, 3] : [network.layers];
  const designs: ResolvedNetwork[] = [];
  for (const topology of topologies) {
    for (const planes of planeChoices(network, node, topology)) {
      for (const layers of layerings)
        designs.push({ ...network, topology, planes, layers } as ResolvedNetwork);
    }
  }
  return designs;
}

function planeChoices(network: GeneratedNetwork, node: NodePorts, topology: Topology): readonly number[] {
  const free = network.topology === 'auto';
  if (topology !== 'multi-plane-fat-tree') {
    // A plane count that was asked for speaks for itself, unless the topology was asked for too.
    if (network.planes === 'auto') return [1];
    return free && network.planes !== 1 ? [] : [network.planes];
  }
  if (network.planes !== 'auto') return free && network.planes === 1 ? [] : [network.planes];
  if (network.nicPorts === 'per-plane') return PORT_SPLITS.toReversed();
  const several = divisors(node.nics).filter((d) => d > 1);
  return several.length > 0 ? several.reverse() : free ? [] : [1];
}

function appraise(input: DesignInput, network: ResolvedNetwork): Candidate {
  const sized = sizeNetwork({ network, node: input.node, gpus: input.gpus });
  if (!sized.ok) {
    const first = sized.issues[0]!;
    const obstacle = `${first.message} (would do: ${first.allowed})`;
    return {
      network,
      size: null,
      obstacle,
      issues: sized.issues,
      switches: 0,
      links: 0,
      costUsd: 0,
      worstHops: 0,
    };
  }
  const size = sized.value;
  const { switches, links } = countParts(size);
  const idle = network.layers === 3 && size.layers === 2 && input.network.layers === 'auto';
  return {
    network,
    size,
    obstacle: idle ? 'one pod holds it all: a third layer would join nothing' : null,
    issues: [],
    switches,
    links,
    costUsd: costOf(input.catalog, switches, links),
    worstHops: size.leaves === 1 ? 1 : 2 * size.layers - 1,
  };
}

/** Switches and switch-to-switch links of all planes. */
export function countParts(size: Sizing): { readonly switches: number; readonly links: number } {
  const spines = size.pods * size.podSpines;
  return {
    switches: size.planes * (size.leaves + spines + size.cores),
    links: size.planes * (size.leaves * size.leafUp + spines * size.spineUp),
  };
}

/** USD by the two-price model: a price a switch and a price a link between switches. */
export function costOf(catalog: Catalog, switches: number, links: number): number {
  return switches * catalog.get('price.switch').value + links * catalog.get('price.inter-switch-link').value;
}

function better(a: Candidate, b: Candidate): boolean {
  if (a.costUsd !== b.costUsd) return a.costUsd < b.costUsd;
  if (a.worstHops !== b.worstHops) return a.worstHops < b.worstHops;
  return a.size!.capacity > b.size!.capacity;
}

function describe(c: Candidate, best: Candidate, looked: number): DesignAlternative {
  const { topology, planes, layers } = c.network;
  const { switches, links, costUsd, worstHops } = c;
  return {
    topology,
    planes,
    layers,
    feasible: c.obstacle === null,
    chosen: c === best,
    endpointsCapacity: c.size?.capacity ?? 0,
    switches,
    links,
    costUsd,
    worstHops,
    reason: reasonOf(c, best, looked),
  };
}

function reasonOf(c: Candidate, best: Candidate, looked: number): string {
  if (c === best)
    return looked === 1 ? 'as asked' : 'cheapest; of equals the one with fewest hops, then most room to grow';
  if (c.obstacle !== null) return c.obstacle;
  if (c.costUsd > best.costUsd) {
    return `${Math.round((c.costUsd / best.costUsd - 1) * 1000) / 10} % dearer: ${c.switches} switches and ${c.links} links instead of ${best.switches} and ${best.links}`;
  }
  if (c.worstHops > best.worstHops)
    return `costs the same, with ${c.worstHops} switch hops instead of ${best.worstHops}`;
  const [room, bestRoom] = [c.size!.capacity, best.size!.capacity];
  return room < bestRoom
    ? `costs the same, but grows to ${room} endpoints only, not ${bestRoom}`
    : 'equal in cost, hops and room to grow';
}

/** The one design's own issues when there was no choice, else one that lists what was tried. */
function noneFits(asked: GeneratedNetwork, candidates: readonly Candidate[]): readonly Issue[] {
  if (candidates.length === 1) return candidates[0]!.issues;
  const tried = candidates.map(
    (c) => `${c.network.topology}, planes ${c.network.planes}, layers ${c.network.layers}: ${c.obstacle}`,
  );
  return [
    issue({
      code: 'no-design',
      path: ['cluster', 'network'],
      message: `no design fits ${asked.switch.ports}-port switches: ${tried.join('; ') || 'the fixed choices contradict one another'}`,
      hint: 'larger switches, more planes, more oversubscription, or fewer GPUs',
    }),
  ];
}
