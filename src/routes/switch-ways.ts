import type { Fabric } from '../fabric/types.ts';
import { isInner } from './reach.ts';

/**
 * Ways from every switch of one plane to any other switch, for the addresses that no workload uses but a subnet
 * manager needs: switches themselves and what hangs on spines. Up/down over the fewest links where that is possible.
 * Where it is not (spine to spine), down to one leaf common to the whole plane and up from there: with a single
 * valley in a two-layer tree no cycle of waiting links can close.
 */
export class SwitchWays {
  readonly #fabric: Fabric;
  readonly #plane: number;
  /** Island of each switch over live links, by node - endpoints; -1 in other planes. */
  readonly #island: Int32Array;
  /** Links towards the valley leaf of the own island; null until a valley is needed. */
  #toValley: Int32Array | null = null;
  #valleys: readonly number[] = [];
  /** Leaves through which a way was led that goes down and up again. */
  readonly valleyLeaves = new Set<number>();
  readonly #distance: Int32Array;
  readonly #queue: Int32Array;
  readonly #withValleys: boolean;

  /** Without valleys, pairs that no up/down path joins are left without a way. */
  constructor(fabric: Fabric, plane: number, withValleys: boolean) {
    this.#fabric = fabric;
    this.#plane = plane;
    this.#withValleys = withValleys;
    const switches = fabric.nodes - fabric.endpoints;
    this.#distance = new Int32Array(switches);
    this.#queue = new Int32Array(switches);
    this.#island = islands(fabric, plane);
  }

  /**
   * Link that each switch (by node - endpoints) takes towards switch `target`, -1 at the target itself and where no
   * way leads. `turn` picks among equals, so that targets spread over them. O(links), and O(leaves * links) once
   * when the first valley is needed.
   */
  toward(target: number, turn: number): Int32Array {
    const way = new Int32Array(this.#distance.length).fill(-1);
    const first = this.#fabric.endpoints;
    const reached = this.#upDown(target, turn, way);
    const island = this.#island[target - first]!;
    if (!this.#withValleys || reached === this.#sizeOf(island)) return way;
    this.#toValley ??= this.#chooseValleys();
    const valley = this.#valleys[island];
    if (valley === undefined) return way; // an island without a leaf has nothing to go down to
    if (valley === target || way[valley - first]! >= 0) this.#fill(way, target, valley, this.#toValley);
    this.#fillByOtherLeaves(target, way);
    return way;
  }

  /** Gives switches of the target's island without a way the one towards a leaf. */
  #fill(way: Int32Array, target: number, leaf: number, by: Int32Array): void {
    const first = this.#fabric.endpoints;
    const island = this.#island[target - first]!;
    for (let s = 0; s < way.length; s++) {
      if (way[s]! >= 0 || by[s]! < 0 || s === target - first || this.#island[s] !== island) continue;
      way[s] = by[s]!;
      if (leaf !== target) this.valleyLeaves.add(leaf);
    }
  }

  /**
   * Where the island's leaf does not reach the target itself (a core that its pod has lost, or a leaf almost cut off) or
   * is not reached (from a core that has lost its pod), leaves that do take its place, one after the other, until
   * nobody is without a way. O(leaves x links) at worst.
   */
  #fillByOtherLeaves(target: number, way: Int32Array): void {
    const { endpoints, tier, nodes } = this.#fabric;
    const island = this.#island[target - endpoints]!;
    const reaches = way.slice();
    const by = new Int32Array(way.length);
    const isMissing = (s: number): boolean =>
      way[s]! < 0 && s !== target - endpoints && this.#island[s] === island;
    for (let leaf = endpoints; leaf < nodes && way.some((_, s) => isMissing(s)); leaf++) {
      if (tier[leaf] !== 1 || reaches[leaf - endpoints]! < 0) continue;
      this.#upDown(leaf, 0, by.fill(-1));
      this.#fill(way, target, leaf, by);
    }
  }

  /** Fills `way` with minimal up/down ways to the target; returns how many switches have one, the target included. */
  #upDown(target: number, turn: number, way: Int32Array): number {
    const first = this.#fabric.endpoints;
    const distance = this.#distance.fill(-1);
    const queue = this.#queue;
    distance[target - first] = 0;
    queue[0] = target;
    let above = 1;
    for (let head = 0; head < above; head++) above = this.#spread(queue[head]!, 1, queue, above);
    for (let k = 1; k < above; k++) way[queue[k]! - first] = this.#pick(queue[k]!, -1, turn);
    // Switches above the target come first by distance; those below them are merged in, nearest first.
    const ancestors = queue.slice(0, above);
    let tail = 0;
    let next = 0;
    for (let head = 0; head < tail || next < above; ) {
      const fromBelow =
        head < tail && (next >= above || this.#at(queue[head]!) <= this.#at(ancestors[next]!));
      const node = fromBelow ? queue[head++]! : ancestors[next++]!;
      tail = this.#spread(node, -1, queue, tail);
    }
    for (let k = 0; k < tail; k++) way[queue[k]! - first] = this.#pick(queue[k]!, 1, turn);
    return above + tail;
  }

  #at(node: number): number {
    return this.#distance[node - this.#fabric.endpoints]!;
  }

  /** Gives the neighbours in one direction that have no distance yet theirs, and queues them; returns the new tail. */
  #spread(node: number, direction: number, queue: Int32Array, tail: number): number {
    const { linkStart, linkDirection, linkTo, endpoints } = this.#fabric;
    let end = tail;
    for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
      if (linkDirection[l] !== direction || !isInner(this.#fabric, l)) continue;
      const other = linkTo[l]!;
      if (this.#distance[other - endpoints]! >= 0) continue;
      this.#distance[other - endpoints] = this.#at(node) + 1;
      queue[end++] = other;
    }
    return end;
  }

  /** One of the links in a direction that come one step nearer. */
  #pick(node: number, direction: number, turn: number): number {
    const { linkStart, linkDirection, linkTo } = this.#fabric;
    const wanted = this.#at(node) - 1;
    const nearer: number[] = [];
    for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
      if (linkDirection[l] === direction && isInner(this.#fabric, l) && this.#at(linkTo[l]!) === wanted)
        nearer.push(l);
    }
    return nearer[turn % nearer.length]!;
  }

  /** In each island the leaf that most switches reach; the ways to it. */
  #chooseValleys(): Int32Array {
    const { endpoints, nodes, tier, plane } = this.#fabric;
    const best: number[] = [];
    const valleys: number[] = [];
    const toValley = new Int32Array(nodes - endpoints).fill(-1);
    const way = new Int32Array(nodes - endpoints);
    for (let leaf = endpoints; leaf < nodes; leaf++) {
      if (plane[leaf] !== this.#plane || tier[leaf] !== 1) continue;
      const island = this.#island[leaf - endpoints]!;
      const reached = this.#upDown(leaf, 0, way.fill(-1));
      if (reached <= (best[island] ?? 0)) continue;
      best[island] = reached;
      valleys[island] = leaf;
      for (let s = 0; s < way.length; s++) if (this.#island[s] === island) toValley[s] = way[s]!;
    }
    this.#valleys = valleys;
    return toValley;
  }

  #sizeOf(island: number): number {
    let size = 0;
    for (let s = 0; s < this.#island.length; s++) if (this.#island[s] === island) size++;
    return size;
  }
}

function islands(fabric: Fabric, plane: number): Int32Array {
  const first = fabric.endpoints;
  const island = new Int32Array(fabric.nodes - first).fill(-1);
  let count = 0;
  for (let start = first; start < fabric.nodes; start++) {
    if (fabric.plane[start] !== plane || island[start - first] !== -1) continue;
    const queue = [start];
    island[start - first] = count;
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head]!;
      for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
        const other = fabric.linkTo[l]!;
        if (!isInner(fabric, l) || island[other - first] !== -1) continue;
        island[other - first] = count;
        queue.push(other);
      }
    }
    count++;
  }
  return island;
}
