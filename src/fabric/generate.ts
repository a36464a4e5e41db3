import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { stream } from '../numeric/random.ts';
import { buildFabric, type CableInput, type NodeInput } from './builder.ts';
import { type ResolvedNetwork, sizeNetwork } from './sizing.ts';
import { type Fabric, NodeKind, type NodePorts, type Sizing } from './types.ts';

export interface GenerateInput {
  /** Every choice made: see design.ts for 'auto'. */
  readonly network: ResolvedNetwork;
  readonly node: NodePorts;
  readonly gpus: number;
  /** Chooses the cables that `network.cut` takes. */
  readonly seed: number;
}

/**
 * Draws a fat-tree switch by switch and cable by cable, every one named and numbered: multi-plane (NIC i of a node
 * on plane i mod planes, or each NIC with a port on every plane), plain (all NICs of a node under one leaf) or
 * rail-optimised (NIC i of the nodes of a scalable unit under leaf i of the unit). Host h stands under leaves of the
 * same number in every plane. Ports count from 1, those towards endpoints first. Endpoints are numbered by host, NIC
 * and plane; switches by plane, then leaves, spines, cores. Issues: see sizeNetwork. O(endpoints + cables log k).
 */
export function generateFabric(input: GenerateInput): Result<Fabric> {
  const { network } = input;
  if (!(network.cut >= 0 && network.cut < 1)) {
    const path = ['cluster', 'network', 'cut'];
    return fail([
      issue({
        code: 'out-of-range',
        path,
        message: 'share of cables cut',
        found: String(network.cut),
        allowed: '0 or more, below 1',
      }),
    ]);
  }
  const sized = sizeNetwork(input);
  if (!sized.ok) return sized;
  return ok(drawFabric(input, sized.value), sized.issues);
}

function drawFabric(input: GenerateInput, size: Sizing): Fabric {
  const { network } = input;
  const drawing = new Drawing(size, network.topology === 'rail-optimized');
  drawing.drawEndpoints();
  for (let plane = 0; plane < size.planes; plane++) drawing.drawPlane(plane);
  drawing.cutCables(network.cut, input.seed);
  return buildFabric({
    name: network.topology,
    transport: network.transport,
    planes: size.planes,
    layers: size.layers,
    nodes: drawing.nodes,
    cables: drawing.cables,
    hostNames: drawing.hostNames,
    hostOf: drawing.hostOf,
    nicOf: drawing.nicOf,
  });
}

/** A cable while it may still be cut. */
type Cable = { -readonly [K in keyof CableInput]: CableInput[K] };

/** Pencil and paper: nodes and cables in the order in which they get their ids. */
class Drawing {
  readonly nodes: NodeInput[] = [];
  readonly cables: Cable[] = [];
  readonly hostNames: string[] = [];
  readonly hostOf: Int32Array;
  readonly nicOf: Int16Array;
  /** Ids of the leaf-to-spine cables: those that `cut` may take. */
  readonly #trunks: number[] = [];
  readonly #size: Sizing;
  readonly #byRail: boolean;
  readonly #endpoints: number;

  constructor(size: Sizing, byRail: boolean) {
    this.#size = size;
    this.#byRail = byRail;
    this.#endpoints = size.hosts * size.nics * size.portsPerNic;
    this.hostOf = new Int32Array(this.#endpoints);
    this.nicOf = new Int16Array(this.#endpoints);
  }

  drawEndpoints(): void {
    const { hosts, nics, portsPerNic, planes } = this.#size;
    const hostName = numbered('node', hosts, 4);
    for (let host = 0; host < hosts; host++) {
      this.hostNames.push(hostName(host));
      for (let nic = 0; nic < nics; nic++) {
        for (let lane = 0; lane < portsPerNic; lane++) {
          const name = `${hostName(host)}-nic${nic}${portsPerNic > 1 ? `-p${lane}` : ''}`;
          this.hostOf[this.nodes.length] = host;
          this.nicOf[this.nodes.length] = nic;
          this.nodes.push({
            name,
            kind: NodeKind.endpoint,
            tier: 0,
            plane: portsPerNic > 1 ? lane : nic % planes,
          });
        }
      }
    }
  }

  drawPlane(plane: number): void {
    const s = this.#size;
    const prefix = s.planes > 1 ? `p${plane}-` : '';
    const leaf = this.#addSwitches(s.leaves, 1, plane, this.#leafNames(prefix));
    const spine = this.#addSwitches(s.pods * s.podSpines, 2, plane, this.#spineNames(prefix));
    const core = this.#addSwitches(s.cores, 3, plane, numbered(`${prefix}core`, s.cores, 3));
    this.#plugEndpoints(plane, leaf);
    this.#cableSpines(leaf, spine);
    if (s.cores > 0) this.#cableCores(spine, core);
  }

  /** Takes a share of the leaf-to-spine cables: those with the lowest draws, one draw a cable. */
  cutCables(share: number, seed: number): void {
    const count = Math.round(share * this.#trunks.length);
    if (count === 0) return;
    const draw = Float64Array.from(this.#trunks, (_, i) => stream(seed, 'cut', i).uniform());
    const order = Uint32Array.from(this.#trunks.keys()).sort((x, y) => draw[x]! - draw[y]! || x - y);
    for (let i = 0; i < count; i++) this.cables[this.#trunks[order[i]!]!]!.alive = false;
  }

  /** Adds switches of one kind and returns the id of the first. */
  #addSwitches(count: number, tier: number, plane: number, name: (index: number) => string): number {
    const first = this.nodes.length;
    for (let i = 0; i < count; i++) this.nodes.push({ name: name(i), kind: NodeKind.switch, tier, plane });
    return first;
  }

  #leafNames(prefix: string): (index: number) => string {
    const s = this.#size;
    if (!this.#byRail) return numbered(`${prefix}leaf`, s.leaves, 3);
    const unit = numbered(`${prefix}su`, s.units, 2);
    return (i) => `${unit(Math.floor(i / s.unitLeaves))}-leaf${i % s.unitLeaves}`;
  }

  #spineNames(prefix: string): (index: number) => string {
    const s = this.#size;
    if (s.pods === 1) return numbered(`${prefix}spine`, s.podSpines, 2);
    const pod = numbered(`${prefix}pod`, s.pods, 1);
    const spine = numbered('spine', s.podSpines, 1);
    return (i) => `${pod(Math.floor(i / s.podSpines))}-${spine(i % s.podSpines)}`;
  }

  #plugEndpoints(plane: number, firstLeaf: number): void {
    const s = this.#size;
    const perHost = s.nics * s.portsPerNic;
    for (let host = 0; host < s.hosts; host++) {
      const unit = Math.floor(host / s.unitHosts);
      const seat = host % s.unitHosts;
      for (let j = 0; j < s.hostPorts; j++) {
        // The j-th endpoint of this host in this plane.
        const endpoint = host * perHost + j * s.planes + plane;
        const leaf = firstLeaf + unit * s.unitLeaves + (this.#byRail ? j : 0);
        const bPort = (this.#byRail ? seat : seat * s.hostPorts + j) + 1;
        const aPort = s.portsPerNic > 1 ? plane + 1 : 1;
        this.cables.push({ a: endpoint, aPort, b: leaf, bPort, rate: s.endpointRate });
      }
    }
  }

  #cableSpines(firstLeaf: number, firstSpine: number): void {
    const s = this.#size;
    const podLeaves = s.podUnits * s.unitLeaves;
    const taken = new Uint32Array(s.pods * s.podSpines);
    for (let leaf = 0; leaf < s.leaves; leaf++) {
      const pod = Math.floor(leaf / podLeaves);
      let port = s.leafDown;
      for (let i = 0; i < s.podSpines; i++) {
        const spine = pod * s.podSpines + i;
        for (let c = spread(leaf % podLeaves, s.leafUp, s.podSpines, i); c > 0; c--) {
          this.#trunks.push(this.cables.length);
          this.#addTrunk(firstLeaf + leaf, ++port, firstSpine + spine, ++taken[spine]!);
        }
      }
    }
  }

  #cableCores(firstSpine: number, firstCore: number): void {
    const s = this.#size;
    const groupSpines = s.podSpines / s.coreGroups;
    const groupCores = s.cores / s.coreGroups;
    const taken = new Uint32Array(s.cores);
    for (let spine = 0; spine < s.pods * s.podSpines; spine++) {
      const pod = Math.floor(spine / s.podSpines);
      const group = Math.floor((spine % s.podSpines) / groupSpines);
      const member = pod * groupSpines + (spine % groupSpines);
      let port = s.spineDown;
      for (let i = 0; i < groupCores; i++) {
        const core = group * groupCores + i;
        for (let c = spread(member, s.spineUp, groupCores, i); c > 0; c--) {
          this.#addTrunk(firstSpine + spine, ++port, firstCore + core, ++taken[core]!);
        }
      }
    }
  }

  #addTrunk(a: number, aPort: number, b: number, bPort: number): void {
    this.cables.push({ a, aPort, b, bPort, rate: this.#size.switchRate });
  }
}

/**
 * Cables from lower switch `index` to upper switch `upper` when each lower switch spreads its uplinks evenly: all
 * pairs get the quotient, and the remainder goes to a window of upper switches that moves on by its own width from
 * one lower switch to the next, so that the upper ones fill evenly too (uneven by at most one).
 */
function spread(index: number, uplinks: number, uppers: number, upper: number): number {
  const extra = uplinks % uppers;
  const base = (uplinks - extra) / uppers;
  const offset = (upper + uppers - ((index * extra) % uppers)) % uppers;
  return base + (offset < extra ? 1 : 0);
}

/** Names with equally wide numbers: leaf000 to leaf127. */
function numbered(word: string, count: number, least: number): (index: number) => string {
  const width = Math.max(least, String(Math.max(count - 1, 0)).length);
  return (index) => word + String(index).padStart(width, '0');
}
