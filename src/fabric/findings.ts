import { isSwitch } from './builder.ts';
import { leavesOf, podsOf } from './detect.ts';
import { railsOf, Tally } from './rails.ts';
import { summariseFabric } from './summary.ts';
import { type Fabric, type FabricFindings, type Finding, NodeKind } from './types.ts';

const EXAMPLES = 3;

/** Things of one kind, each by name; kept are how many, and the first few. */
class Found implements Finding {
  readonly id: string;
  readonly title: string;
  count = 0;
  readonly examples: string[] = [];

  constructor(id: string, title: string) {
    this.id = id;
    this.title = title;
  }

  add(example: string): void {
    this.count++;
    if (this.examples.length < EXAMPLES) this.examples.push(example);
  }
}

/**
 * What a fabric file turned out to hold: counts, rails, rates, and everything that is uneven, missing, slow, cut off or
 * special. "Usual" is what most of a kind have; nothing is compared with a drawing. O(links log links).
 */
export function findingsOf(fabric: Fabric): FabricFindings {
  const rails = railsOf(fabric);
  const sizes = new Int32Array(rails.count);
  for (let e = 0; e < fabric.endpoints; e++) if (rails.of[e]! >= 0) sizes[rails.of[e]!]!++;
  const usual = usualRates(fabric);
  const findings = [
    ...uplinks(fabric),
    ...cablePairs(fabric),
    slowCables(fabric, usual),
    deadCables(fabric),
    ...levelCables(fabric),
    isolated(fabric),
    ...specialNodes(fabric),
    oddHosts(fabric),
  ];
  return {
    summary: summariseFabric(fabric),
    rails: { count: rails.count, wired: rails.wired, sizes: Array.from(sizes) },
    rates: [...usual].map(([between, { rate, cables }]) => ({ between, rate, cables })),
    findings: findings.filter((f) => f.count > 0),
  };
}

/** Every cable once, by its lower link. */
function* cables(fabric: Fabric): Generator<number> {
  for (let l = 0; l < fabric.links; l++) if (fabric.linkReverse[l]! > l) yield l;
}

function cableName(fabric: Fabric, link: number): string {
  const end = (l: number): string => `${fabric.names[fabric.linkFrom[l]!]}:${fabric.linkPort[l]}`;
  return `${end(link)} - ${end(fabric.linkReverse[link]!)}`;
}

const TIERS = ['endpoints', 'leaves', 'spines', 'cores'];
const tierName = (tier: number): string => TIERS[tier] ?? `tier ${tier}`;

/** 'leaves and spines': the tiers that a cable joins, lower first. */
function between(fabric: Fabric, link: number): string {
  const a = fabric.tier[fabric.linkFrom[link]!]!;
  const b = fabric.tier[fabric.linkTo[link]!]!;
  return `${tierName(Math.min(a, b))} and ${tierName(Math.max(a, b))}`;
}

function usualRates(fabric: Fabric): Map<string, { rate: number; cables: number }> {
  const tallies = new Map<string, Tally<number>>();
  for (const l of cables(fabric)) {
    // A SHARP node's cable is inside the switch's box and says nothing about the others.
    if (Math.max(fabric.kind[fabric.linkFrom[l]!]!, fabric.kind[fabric.linkTo[l]!]!) === NodeKind.aggregator)
      continue;
    const key = between(fabric, l);
    const tally = tallies.get(key) ?? new Tally<number>();
    tallies.set(key, tally);
    tally.add(fabric.linkRate[l]!);
  }
  const usual = new Map<string, { rate: number; cables: number }>();
  for (const key of [...tallies.keys()].sort()) {
    const rate = tallies.get(key)!.most()!;
    usual.set(key, { rate, cables: tallies.get(key)!.count(rate) });
  }
  return usual;
}

function slowCables(fabric: Fabric, usual: ReadonlyMap<string, { rate: number }>): Finding {
  const found = new Found('slow-cables', 'cables below the usual rate of their tier');
  for (const l of cables(fabric)) {
    const normal = usual.get(between(fabric, l))?.rate;
    if (normal === undefined || fabric.linkRate[l]! >= normal) continue;
    const share = Math.round((100 * fabric.linkRate[l]!) / normal);
    found.add(`${cableName(fabric, l)} at ${share} % of the usual rate`);
  }
  return found;
}

function deadCables(fabric: Fabric): Finding {
  const found = new Found('dead-cables', 'cables marked as failed or taken out');
  for (const l of cables(fabric)) if (fabric.linkAlive[l] !== 1) found.add(cableName(fabric, l));
  return found;
}

/** Wiring that is no tree: up/down routing leaves such cables idle. */
function levelCables(fabric: Fabric): Finding[] {
  const level = new Found(
    'level-cables',
    'cables between switches of one tier, idle in a tree (route --up-down uses them)',
  );
  const skipping = new Found('tier-skipping-cables', 'cables between switches that skip a tier');
  for (const l of cables(fabric)) {
    const a = fabric.linkFrom[l]!;
    const b = fabric.linkTo[l]!;
    if (!isSwitch(fabric, a) || !isSwitch(fabric, b)) continue;
    const tiers = Math.abs(fabric.tier[a]! - fabric.tier[b]!);
    if (tiers === 0) level.add(cableName(fabric, l));
    else if (tiers > 1) skipping.add(cableName(fabric, l));
  }
  return [level, skipping];
}

/** Switches below the top whose live cables upwards are not as many as most of their tier have in their plane. */
function uplinks(fabric: Fabric): Finding[] {
  const ups = new Int32Array(fabric.nodes);
  let top = 1;
  for (let l = 0; l < fabric.links; l++) {
    if (fabric.linkDirection[l] === 1 && fabric.linkAlive[l] === 1) ups[fabric.linkFrom[l]!]!++;
  }
  for (let n = fabric.endpoints; n < fabric.nodes; n++) top = Math.max(top, fabric.tier[n]!);
  const found: Finding[] = [];
  for (let tier = 1; tier < top; tier++) {
    const of = new Found(
      `uneven-uplinks-${tierName(tier)}`,
      `${tierName(tier)} with other than the usual uplinks`,
    );
    for (let plane = 0; plane < fabric.planes; plane++) {
      const members: number[] = [];
      const tally = new Tally<number>();
      for (let n = fabric.endpoints; n < fabric.nodes; n++) {
        if (fabric.tier[n] !== tier || fabric.plane[n] !== plane) continue;
        members.push(n);
        tally.add(ups[n]!);
      }
      const usual = tally.most() ?? 0;
      for (const n of members)
        if (ups[n] !== usual) of.add(`${fabric.names[n]}: ${ups[n]} uplinks, usually ${usual}`);
    }
    found.push(of);
  }
  return found;
}

/**
 * Pairs of neighbouring tiers with fewer, or more, live cables than most pairs. Leaves and spines of a pod are expected
 * to meet pairwise when most do; elsewhere (spines and cores in groups) only pairs that have a cable are judged.
 */
function cablePairs(fabric: Fabric): Finding[] {
  const missing = new Found('missing-cables', 'switch pairs with fewer cables than usual');
  const more = new Found('more-cables', 'switch pairs with more cables than usual');
  for (const [label, pairs] of pairCounts(fabric)) {
    const tally = new Tally<number>();
    for (const count of pairs.values()) tally.add(count);
    const connected = new Tally<number>();
    for (const count of pairs.values()) if (count > 0) connected.add(count);
    const meet = tally.most() !== 0;
    const usual = (meet ? tally : connected).most() ?? 0;
    for (const [pair, count] of pairs) {
      if (count === usual || (count === 0 && !meet)) continue;
      const names = `${fabric.names[Math.floor(pair / fabric.nodes)]} - ${fabric.names[pair % fabric.nodes]}`;
      (count < usual ? missing : more).add(`${names}: ${count} of usually ${usual}${label}`);
    }
  }
  return [missing, more];
}

/** Live cables of each (lower, upper) pair, by kind of pair; all pairs of a pod's leaves and spines, none twice. */
function pairCounts(fabric: Fabric): Map<string, Map<number, number>> {
  const { pod } = podsOf(fabric);
  const leaves = new Map<number, Map<number, number>>();
  const upper = new Map<number, Map<number, number>>();
  const members = new Map<number, { lower: number[]; upper: number[] }>();
  for (let n = fabric.endpoints; n < fabric.nodes; n++) {
    if (pod[n]! < 0) continue;
    const group = members.get(pod[n]!) ?? { lower: [], upper: [] };
    members.set(pod[n]!, group);
    if (fabric.tier[n] === 1) group.lower.push(n);
    else if (fabric.tier[n] === 2) group.upper.push(n);
  }
  const empty = (): Map<number, number> => new Map();
  for (const [p, group] of members) {
    const counts = empty();
    // A pod of one switch is a part that is cut off: reported as such.
    for (const a of group.lower) for (const b of group.upper) counts.set(a * fabric.nodes + b, 0);
    leaves.set(p, counts);
  }
  for (let l = 0; l < fabric.links; l++) {
    const a = fabric.linkFrom[l]!;
    if (fabric.linkDirection[l] !== 1 || fabric.linkAlive[l] !== 1 || !isSwitch(fabric, a)) continue;
    const b = fabric.linkTo[l]!;
    const of =
      fabric.tier[b] === 2
        ? leaves.get(pod[a]!)!
        : (upper.get(fabric.plane[a]!) ?? new Map<number, number>());
    if (fabric.tier[b] !== 2) upper.set(fabric.plane[a]!, of);
    of.set(a * fabric.nodes + b, (of.get(a * fabric.nodes + b) ?? 0) + 1);
  }
  const named = new Map<string, Map<number, number>>();
  // One kind of pair over all pods and planes: a pod of a few odd leaves must not set its own rule.
  for (const [label, groups] of [
    ['', leaves],
    [' to the core', upper],
  ] as const) {
    const all = empty();
    for (const counts of groups.values()) for (const [pair, n] of counts) all.set(pair, n);
    if (all.size > 0) named.set(label, all);
  }
  return named;
}

/** Parts of a plane that no live cable joins to its largest part, each with its size and a name. */
function isolated(fabric: Fabric): Finding {
  const found = new Found('isolated', 'parts that no live cable joins to the rest of their plane');
  const seen = new Uint8Array(fabric.nodes);
  const parts: number[][][] = Array.from({ length: fabric.planes }, () => []);
  for (let first = 0; first < fabric.nodes; first++) {
    if (seen[first]) continue;
    seen[first] = 1;
    const part = [first];
    for (let head = 0; head < part.length; head++) {
      const node = part[head]!;
      for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
        const other = fabric.linkTo[l]!;
        if (fabric.linkAlive[l] !== 1 || seen[other]) continue;
        seen[other] = 1;
        part.push(other);
      }
    }
    parts[fabric.plane[first]!]!.push(part);
  }
  for (const inPlane of parts) {
    const main = inPlane.reduce((a, b) => (b.length > a.length ? b : a), []);
    for (const part of inPlane) {
      if (part === main) continue;
      const switches = part.filter((n) => isSwitch(fabric, n)).length;
      found.add(
        part.length === 1
          ? fabric.names[part[0]!]!
          : `${fabric.names[part[0]!]} and ${part.length - 1} more (${switches} switches)`,
      );
    }
  }
  return found;
}

function specialNodes(fabric: Fabric): Finding[] {
  const leaf = leavesOf(fabric);
  const sharp = new Found('aggregators', 'aggregation (SHARP) nodes, which carry no workload traffic');
  const below = new Found('below-spines', 'nodes below a spine, without an up/down path to all');
  const nameless = new Found('nameless', 'adapters without a host name, each taken as a host of its own');
  const bare = new Found('bare-leaves', 'leaves that nothing is plugged into');
  const used = new Uint8Array(fabric.nodes);
  for (let e = 0; e < fabric.endpoints; e++) {
    const name = fabric.names[e]!;
    if (leaf[e]! >= 0) used[leaf[e]!] = 1;
    if (fabric.kind[e] === NodeKind.aggregator) sharp.add(name);
    if (leaf[e]! >= 0 && fabric.tier[leaf[e]!]! > 1) below.add(`${name} below ${fabric.names[leaf[e]!]}`);
    // Readers name such hosts after the adapter's GUID.
    if (/^H-/.test(fabric.hosts.names[fabric.hosts.of[e]!] ?? '')) nameless.add(name);
  }
  for (let n = fabric.endpoints; n < fabric.nodes; n++)
    if (fabric.tier[n] === 1 && !used[n]) bare.add(fabric.names[n]!);
  return [sharp, below, nameless, bare];
}

/** Named hosts with fewer or more NICs than most: managers and storage, or a NIC that is not seen. */
function oddHosts(fabric: Fabric): Finding {
  const nics = new Int32Array(fabric.hosts.count);
  for (let e = 0; e < fabric.endpoints; e++) if (fabric.hosts.of[e]! >= 0) nics[fabric.hosts.of[e]!]!++;
  const named = Array.from(nics.keys()).filter((h) => !/^H-/.test(fabric.hosts.names[h]!));
  const tally = new Tally<number>();
  for (const h of named) tally.add(nics[h]!);
  const usual = tally.most() ?? 0;
  const found = new Found('odd-hosts', 'hosts with other than the usual number of NICs');
  for (const h of named)
    if (nics[h] !== usual) found.add(`${fabric.hosts.names[h]}: ${nics[h]}, usually ${usual}`);
  return found;
}
