import { type Issue, issue } from '../base/issue.ts';
import { isCutOff, isSwitch } from '../fabric/builder.ts';
import { lidsOf } from '../fabric/identities.ts';
import type { Fabric, IdentifiedFabric } from '../fabric/types.ts';
import { tableLink } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import { SwitchWays } from '../routes/switch-ways.ts';
import type { TableRoutes } from '../routes/types.ts';

/** What a linear forwarding table holds for a LID without a way: port 255 (InfiniBand Architecture Specification, 14.2.5.6). */
export const NO_PORT = 255;

/** The linear forwarding tables of one plane as its switches will hold them. */
export interface LftImage {
  /** Everything that has LIDs in this plane, by base LID. */
  readonly destinations: readonly LftDestination[];
  readonly topLid: number;
  /** Switches of the plane (node ids), and for each the port of every LID, length topLid + 1, NO_PORT where none. */
  readonly switches: readonly number[];
  readonly ports: readonly Uint8Array[];
  readonly issues: readonly Issue[];
}

export interface LftDestination {
  readonly node: number;
  readonly lid: number;
  /** Consecutive LIDs: 2^LMC for an endpoint, 1 for a switch. */
  readonly lids: number;
}

/**
 * Forwarding tables of one plane. `tables[k]` routes LID base + k of every endpoint (LMC > 0); with fewer tables than
 * LIDs they take turns. Switches are reached over SwitchWays, and so are endpoints (aggregation nodes, as a rule)
 * where the tables have no entry although a way exists: no hole is left that need not be. Warnings:
 * 'filled-entry' counts those
 * that endpoints use, 'unreachable' what no live cable leads to. With valleys 'omit' a pair that no up/down
 * path joins gets no entry ('left-out'). O(switches * LIDs + switches * links).
 */
export function lftImage(
  fabric: IdentifiedFabric,
  plane: number,
  tables: readonly TableRoutes[],
  valleys: 'lane' | 'omit' = 'lane',
): LftImage {
  const destinations = destinationsOf(fabric, plane);
  const last = destinations[destinations.length - 1];
  const topLid = last === undefined ? 0 : last.lid + last.lids - 1;
  const switches: number[] = [];
  for (let n = fabric.endpoints; n < fabric.nodes; n++) if (fabric.plane[n] === plane) switches.push(n);
  const ports = switches.map(() => new Uint8Array(topLid + 1).fill(NO_PORT));
  const filler = new Filler(fabric, plane, tables, switches, ports, valleys);
  for (const destination of destinations) {
    if (isSwitch(fabric, destination.node)) filler.addSwitch(destination);
    else filler.addEndpoint(destination);
  }
  return { destinations, topLid, switches, ports, issues: filler.issues() };
}

function destinationsOf(fabric: IdentifiedFabric, plane: number): LftDestination[] {
  const destinations: LftDestination[] = [];
  for (let node = 0; node < fabric.nodes; node++) {
    if (fabric.plane[node] !== plane) continue;
    destinations.push({ node, lid: fabric.lid[node]!, lids: lidsOf(fabric, node, fabric.lmc) });
  }
  return destinations.sort((x, y) => x.lid - y.lid);
}

class Filler {
  readonly #fabric: Fabric;
  readonly #tables: readonly TableRoutes[];
  readonly #switches: readonly number[];
  readonly #ports: readonly Uint8Array[];
  readonly #hops: ReturnType<typeof nextHops>;
  readonly #ways: SwitchWays;
  /** Switches with endpoints: where packets of endpoints come from. */
  readonly #sources: ReadonlySet<number>;
  readonly #valleys: 'lane' | 'omit';
  /** Ways to each switch, made when first asked for. */
  readonly #waysTo = new Map<number, Int32Array>();
  readonly #filled = new Set<number>();
  readonly #unreachable = new Set<number>();

  constructor(
    fabric: Fabric,
    plane: number,
    tables: readonly TableRoutes[],
    switches: readonly number[],
    ports: readonly Uint8Array[],
    valleys: 'lane' | 'omit',
  ) {
    this.#valleys = valleys;
    this.#fabric = fabric;
    this.#tables = tables;
    this.#switches = switches;
    this.#ports = ports;
    this.#hops = nextHops(fabric);
    this.#sources = new Set(this.#hops.leafOf);
    this.#ways = new SwitchWays(fabric, plane, valleys === 'lane');
  }

  addSwitch({ node, lid }: LftDestination): void {
    const ways = this.#toward(node);
    for (const [i, s] of this.#switches.entries()) {
      const link = ways[s - this.#fabric.endpoints]!;
      if (s === node) this.#ports[i]![lid] = 0;
      else if (link >= 0) this.#ports[i]![lid] = this.#fabric.linkPort[link]!;
      else this.#miss(s, node);
    }
  }

  /** A switch or a destination without any live cable is missed by nobody. */
  #miss(s: number, node: number): void {
    if (!isCutOff(this.#fabric, s) && !isCutOff(this.#fabric, node)) this.#unreachable.add(node);
  }

  addEndpoint({ node, lid, lids }: LftDestination): void {
    const { linkPort, linkAlive, endpoints } = this.#fabric;
    const leaf = this.#hops.leafOf[node]!;
    if (leaf < 0) {
      if (!isCutOff(this.#fabric, node)) this.#unreachable.add(node);
      return;
    }
    for (let offset = 0; offset < lids; offset++) {
      const table = this.#tables[offset % this.#tables.length]!;
      for (const [i, s] of this.#switches.entries()) {
        let link = s === leaf ? this.#hops.edge[node]! : tableLink(this.#fabric, table, this.#hops, s, node);
        if (link < 0 || linkAlive[link] !== 1) {
          link = this.#toward(leaf)[s - endpoints]!;
          if (link < 0) this.#miss(s, node);
          else if (this.#sources.has(s)) this.#filled.add(node);
        }
        if (link >= 0) this.#ports[i]![lid + offset] = linkPort[link]!;
      }
    }
  }

  #toward(target: number): Int32Array {
    let ways = this.#waysTo.get(target);
    if (ways === undefined) {
      ways = this.#ways.toward(target, target - this.#fabric.endpoints);
      this.#waysTo.set(target, ways);
    }
    return ways;
  }

  issues(): Issue[] {
    const say = (code: string, nodes: ReadonlySet<number>, text: string): Issue[] =>
      nodes.size === 0
        ? []
        : [
            issue({
              code,
              severity: 'warning',
              message: `${nodes.size} destinations ${text}`,
              found: [...nodes]
                .slice(0, 3)
                .map((n) => this.#fabric.names[n]!)
                .join(', '),
            }),
          ];
    return [
      ...say(
        'filled-entry',
        this.#filled,
        'have no entry at some leaf in the tables; management routes fill in',
      ),
      ...(this.#ways.valleyLeaves.size > 1 ? [severalValleys(this.#ways.valleyLeaves.size)] : []),
      ...(this.#valleys === 'omit'
        ? say('left-out', this.#unreachable, 'have no entry where no up/down path leads, as asked')
        : say('unreachable', this.#unreachable, 'cannot be reached from some switch over live cables')),
    ];
  }
}

/** Ways down and up again through one leaf close no circle on two layers; through several they may. */
function severalValleys(leaves: number): Issue {
  return issue({
    code: 'several-valleys',
    severity: 'warning',
    message: `ways without an up/down path (switches, aggregation nodes) lead down and up again through ${leaves} leaves: they may need a virtual lane of their own`,
    hint: 'planewright verify says whether they do',
  });
}
