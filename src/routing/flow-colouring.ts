import { HAIR } from '../numeric/tolerance.ts';
import { type LeafTrunks, leafTrunks } from './leaf-trunks.ts';
import type { Plane } from './plane.ts';

/**
 * One path for each of a set of flows on a two-layer plane: flows are edges between source and destination leaves,
 * spines are colours, and a leaf has as many places at a spine as live cables to it. On a full plane with as many
 * uplinks as flows at every leaf a proper colouring exists (Koenig) and no link carries two flows. Where cables
 * are missing, a flow that finds no free spine pushes another one on, which pushes another (augmenting paths,
 * breadth first, so that the shortest chain moves); flows that no chain makes room for share, each where the sum
 * over the flows of 1 / (fullest link) falls least.
 */
export interface ColouredFlows {
  /** Links up and down of each flow, local to the plane; -1 for flows under one leaf and those without a way. */
  readonly up: Int32Array;
  readonly down: Int32Array;
}

/**
 * from[i], to[i]: leaf indexes of flow i, -1 where it has no live cable. Deterministic. O(flows x spines) plus, for each
 * flow that finds no free spine, O(flows x spines).
 */
export function colourFlows(plane: Plane, from: Int32Array, to: Int32Array): ColouredFlows {
  const colouring = new Colouring(plane, from, to);
  const late: number[] = [];
  // Flows with the fewest spines to choose from first.
  const choices = Int32Array.from(from, (_, i) => colouring.choices(i));
  const order = Array.from(choices.keys()).filter((i) => choices[i]! > 0);
  order.sort((i, j) => choices[i]! - choices[j]! || i - j);
  for (const i of order) if (!colouring.placeFree(i)) late.push(i);
  const shared = late.filter((i) => !colouring.makeRoom(i));
  for (const i of shared) colouring.placeShared(i);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (let i = 0; i < from.length; i++)
      if (colouring.isCrowded(i) && colouring.improve(i, round)) moved = true;
    if (!moved) break;
  }
  return colouring.paths();
}

const ROUNDS = 32;

class Colouring {
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #spines: number;
  /** See LeafTrunks. */
  readonly #cables: Int32Array;
  readonly #links: LeafTrunks['links'];
  /** Flows of one link that count as room: more than one where leaves have more flows than cables. */
  readonly #level: number;
  /** Spine of each flow, -1 for none; flows at (leaf, spine) up and down. */
  readonly #spine: Int32Array;
  readonly #up: number[][];
  readonly #down: number[][];

  constructor(plane: Plane, from: Int32Array, to: Int32Array) {
    const leaves = plane.leaves.length;
    const { spines, cables, links } = leafTrunks(plane);
    this.#from = from;
    this.#to = to;
    this.#spines = spines;
    this.#cables = cables;
    this.#links = links;
    this.#level = this.#levelOf(leaves);
    this.#spine = new Int32Array(from.length).fill(-1);
    this.#up = Array.from({ length: leaves * spines }, () => []);
    this.#down = Array.from({ length: leaves * spines }, () => []);
  }

  /** Whole flows that the busiest leaf has for each of its cables, at least one. */
  #levelOf(leaves: number): number {
    const out = new Int32Array(leaves);
    const into = new Int32Array(leaves);
    for (let i = 0; i < this.#from.length; i++) {
      const [a, b] = [this.#from[i]!, this.#to[i]!];
      if (a < 0 || b < 0 || a === b) continue;
      out[a]!++;
      into[b]!++;
    }
    let level = 1;
    for (let l = 0; l < leaves; l++) {
      let cables = 0;
      for (let s = 0; s < this.#spines; s++) cables += this.#cables[l * this.#spines + s]!;
      if (cables > 0) level = Math.max(level, Math.floor(Math.max(out[l]!, into[l]!) / cables));
    }
    return level;
  }

  /** Spines that join the leaves of flow i; 0 under one leaf or without a live cable. */
  choices(i: number): number {
    const [a, b] = [this.#from[i]!, this.#to[i]!];
    if (a < 0 || b < 0 || a === b) return 0;
    let n = 0;
    for (let s = 0; s < this.#spines; s++) if (this.#joins(a, b, s)) n++;
    return n;
  }

  #joins(a: number, b: number, s: number): boolean {
    return this.#cables[a * this.#spines + s]! > 0 && this.#cables[b * this.#spines + s]! > 0;
  }

  #upRoom(i: number, s: number): boolean {
    const at = this.#from[i]! * this.#spines + s;
    return this.#up[at]!.length < this.#cables[at]! * this.#level;
  }

  #downRoom(i: number, s: number): boolean {
    const at = this.#to[i]! * this.#spines + s;
    return this.#down[at]!.length < this.#cables[at]! * this.#level;
  }

  #put(i: number, s: number): void {
    const old = this.#spine[i]!;
    if (old >= 0) {
      remove(this.#up[this.#from[i]! * this.#spines + old]!, i);
      remove(this.#down[this.#to[i]! * this.#spines + old]!, i);
    }
    this.#spine[i] = s;
    if (s < 0) return;
    this.#up[this.#from[i]! * this.#spines + s]!.push(i);
    this.#down[this.#to[i]! * this.#spines + s]!.push(i);
  }

  placeFree(i: number): boolean {
    for (let k = 0; k < this.#spines; k++) {
      const s = (i + k) % this.#spines; // neighbours start at neighbouring spines
      if (!this.#upRoom(i, s) || !this.#downRoom(i, s)) continue;
      this.#put(i, s);
      return true;
    }
    return false;
  }

  /** Gives flow i a place of its own by moving others; false, and nothing changed, when there is no such place. */
  makeRoom(i: number): boolean {
    return this.#placeBySwap(i) || this.#placeByChain(i);
  }

  /**
   * Kempe chains: flow i takes a spine with room at its source, and flows of that spine and of one with room at its
   * destination change places along a path. Never fails on a full plane with single cables and enough of them.
   */
  #placeBySwap(i: number): boolean {
    for (let s = 0; s < this.#spines; s++) {
      if (!this.#upRoom(i, s) || !this.#joins(this.#from[i]!, this.#to[i]!, s)) continue;
      for (let t = 0; t < this.#spines; t++)
        if (this.#downRoom(i, t) && this.#swapAlong(i, s, t)) return true;
    }
    return false;
  }

  #swapAlong(start: number, s: number, t: number): boolean {
    const moved = [start];
    const chain = new Set(moved);
    this.#put(start, s);
    // Each move overfills one trunk at most, down and up in turn.
    for (let i = start, spine = s, side = 1; ; side = 1 - side) {
      const at = (side === 1 ? this.#to[i]! : this.#from[i]!) * this.#spines + spine;
      const here = side === 1 ? this.#down[at]! : this.#up[at]!;
      if (here.length <= this.#cables[at]! * this.#level) return true;
      spine = spine === s ? t : s;
      const next = here.find((j) => !chain.has(j) && this.#joins(this.#from[j]!, this.#to[j]!, spine));
      if (next === undefined) break;
      i = next;
      moved.push(i);
      chain.add(i);
      this.#put(i, spine);
    }
    for (let k = moved.length - 1; k > 0; k--) this.#put(moved[k]!, this.#spine[moved[k]!] === s ? t : s);
    this.#put(start, -1);
    return false;
  }

  /** Breadth first over the flows that would have to move: each takes the place of the next, and the last a free one. */
  #placeByChain(start: number): boolean {
    const before = new Map<number, { readonly flow: number; readonly spine: number }>();
    const queue = [start];
    const seen = new Set(queue);
    for (let head = 0; head < queue.length; head++) {
      const i = queue[head]!;
      for (let s = 0; s < this.#spines; s++) {
        if (s === this.#spine[i] || !this.#joins(this.#from[i]!, this.#to[i]!, s)) continue;
        const up = this.#upRoom(i, s);
        const down = this.#downRoom(i, s);
        if (up && down && this.#applyChain(i, s, before)) return true;
        if (up === down) continue;
        const inTheWay = up
          ? this.#down[this.#to[i]! * this.#spines + s]!
          : this.#up[this.#from[i]! * this.#spines + s]!;
        for (const j of inTheWay) {
          if (seen.has(j)) continue;
          seen.add(j);
          before.set(j, { flow: i, spine: s });
          queue.push(j);
        }
      }
    }
    return false;
  }

  /** Moves the chain that ends with flow i going to spine s; undone when it crosses itself and a place is taken twice. */
  #applyChain(
    i: number,
    s: number,
    before: ReadonlyMap<number, { readonly flow: number; readonly spine: number }>,
  ): boolean {
    const chain = [{ flow: i, spine: s }];
    for (let step = before.get(i); step !== undefined; step = before.get(step.flow)) chain.push(step);
    const old = chain.map(({ flow }) => this.#spine[flow]!);
    for (const { flow, spine } of chain) this.#put(flow, spine);
    const fits = chain.every(({ flow, spine }) => {
      const up = this.#from[flow]! * this.#spines + spine;
      const down = this.#to[flow]! * this.#spines + spine;
      return (
        this.#up[up]!.length <= this.#cables[up]! * this.#level &&
        this.#down[down]!.length <= this.#cables[down]! * this.#level
      );
    });
    for (let k = 0; k < chain.length && !fits; k++) this.#put(chain[k]!.flow, old[k]!);
    return fits;
  }

  /** Puts the flow where the sum of shares is largest. */
  placeShared(i: number): void {
    let best = -1;
    let most = -Infinity;
    for (let s = 0; s < this.#spines; s++) {
      if (!this.#joins(this.#from[i]!, this.#to[i]!, s)) continue;
      const value = this.#gain(i, s);
      if (value <= most + HAIR) continue;
      most = value;
      best = s;
    }
    this.#put(i, best);
  }

  isCrowded(i: number): boolean {
    return this.#spine[i]! >= 0 && this.#share(i) < 1;
  }

  /**
   * Gives crowded flow i a place of its own, or moves it to where the sum of shares is larger, or as large: a step
   * sideways may open the next. True when it moved. The sum never falls.
   */
  improve(i: number, turn: number): boolean {
    const old = this.#spine[i]!;
    this.#put(i, -1);
    if (this.makeRoom(i)) return true;
    let best = old;
    let most = this.#gain(i, old);
    for (let k = 0; k < this.#spines; k++) {
      const s = (i + turn + k) % this.#spines;
      if (s === old || !this.#joins(this.#from[i]!, this.#to[i]!, s)) continue;
      const value = this.#gain(i, s);
      if (value < most - HAIR || (value <= most + HAIR && best !== old)) continue;
      most = value;
      best = s;
    }
    this.#put(i, best);
    return best !== old;
  }

  /** Change in the sum of shares if flow i, which is nowhere, went by spine s. */
  #gain(i: number, s: number): number {
    const before = this.#around(i, s);
    this.#put(i, s);
    const after = this.#around(i, s);
    this.#put(i, -1);
    return after - before;
  }

  #around(i: number, s: number): number {
    let sum = 0;
    const up = this.#up[this.#from[i]! * this.#spines + s]!;
    for (const j of up) sum += this.#share(j);
    for (const j of this.#down[this.#to[i]! * this.#spines + s]!) {
      if (this.#from[j] !== this.#from[i]) sum += this.#share(j);
    }
    return sum;
  }

  /** 1 / (flows on the fuller of its two trunks, dealt out over the trunk's cables). */
  #share(i: number): number {
    const up = this.#from[i]! * this.#spines + this.#spine[i]!;
    const down = this.#to[i]! * this.#spines + this.#spine[i]!;
    const most = Math.max(
      this.#up[up]!.length / this.#cables[up]!,
      this.#down[down]!.length / this.#cables[down]!,
    );
    return 1 / Math.max(1, most);
  }

  /** Cables of a trunk in turn, flows that share their other trunk first, so that they share the cable too. */
  paths(): ColouredFlows {
    const up = new Int32Array(this.#spine.length).fill(-1);
    const down = new Int32Array(this.#spine.length).fill(-1);
    for (let at = 0; at < this.#links.length; at++) {
      this.#deal(this.#up[at]!, this.#to, this.#links[at]!.up, up);
      this.#deal(this.#down[at]!, this.#from, this.#links[at]!.down, down);
    }
    return { up, down };
  }

  #deal(flows: readonly number[], far: Int32Array, cables: readonly number[], out: Int32Array): void {
    const order = [...flows].sort((i, j) => far[i]! - far[j]! || i - j);
    const each = Math.ceil(order.length / Math.max(1, cables.length));
    order.forEach((i, k) => {
      out[i] = each > 1 ? cables[Math.floor((k * cables.length) / order.length)]! : cables[k]!;
    });
  }
}

function remove(list: number[], value: number): void {
  list.splice(list.indexOf(value), 1);
}
