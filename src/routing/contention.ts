import { HAIR } from '../numeric/tolerance.ts';
import { collisionShare, type Share } from './collision.ts';
import { moveEntry, pathValue, peak, settle, type TableState } from './state.ts';

/**
 * Contention of shifts and permutations under tables that already balance all-to-all. On an undamaged plane modulo
 * order makes every shift free of conflicts; what a missing cable displaces may go to any spine as far as balance is
 * concerned, but where it goes decides how often two flows of one shift meet. This search moves displaced
 * entries only, by the exact change in effective bandwidth over evenly spaced shifts, plus what an entry is expected to
 * lose and to cost others under random permutations (collision.ts). The largest load never rises.
 */

/** Shifts are thinned until one byte for each (shift, link) fits into so many. */
const LOAD_BYTES = 16 * 1024 * 1024;
/** What a permutation counts against a shift: measured, where both gain. */
const PERMUTATIONS = 2;
const SWEEPS = 4;

/**
 * Improves the order of a two-layer plane under one uniform pattern among all its slots; anything else stays as it is.
 * Returns the moves. `looks` is the work limit, in flows looked at (about 15 ns each): shifts are thinned until
 * displaced entries x ports x hosts of a leaf x shifts that meet the entry fit into it.
 */
export function easeContention(state: TableState, looks: number): number {
  if (!isUniformAmongAll(state)) return 0;
  const displaced = findDisplaced(state);
  let cost = 0;
  for (const { l, d } of displaced) cost += costOf(state, l, d);
  const { slots, plane } = state;
  const step = Math.ceil(Math.max(1, (slots * plane.links) / LOAD_BYTES, (SWEEPS * cost) / looks));
  // Judged by less than one shift, an entry would be placed by chance.
  if (displaced.length === 0 || step > slots / plane.leaves.length) return 0;
  const shifts = new Shifts(state, step);
  let moves = 0;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = moves;
    for (const { l, d } of displaced) if (shifts.improve(l, d)) moves++;
    if (moves === before) break;
  }
  return moves;
}

/** True on two layers when every leaf sends the same to every slot elsewhere: one unit for each slot below it. */
function isUniformAmongAll({ plane, patterns, slots, arrive, switches, slotLeaf }: TableState): boolean {
  if (patterns !== 1 || slots < 2 || plane.switches.some((n) => plane.fabric.tier[n]! > 2)) return false;
  const hosts = new Float64Array(plane.leaves.length);
  for (let d = 0; d < slots; d++) hosts[slotLeaf[d]!]!++;
  for (let d = 0; d < slots; d++) {
    for (let l = 0; l < hosts.length; l++) {
      if (slotLeaf[d] !== l && arrive[d * switches + plane.leaves[l]!] !== hosts[l]) return false;
    }
  }
  return true;
}

/** Entries that leave by another spine than most entries of their destination do. O(leaves x slots). */
function findDisplaced({ plane, slots, switches, slotLeaf, choice }: TableState): Entry[] {
  const leaves = plane.leaves.length;
  const count = new Int32Array(plane.switches.length);
  const displaced: Entry[] = [];
  const spineOf = (l: number, d: number): number => {
    const e = slotLeaf[d] === l ? -1 : choice[d * switches + plane.leaves[l]!]!;
    return e < 0 ? -1 : plane.to[e]!;
  };
  for (let d = 0; d < slots; d++) {
    count.fill(0);
    let usual = -1;
    for (let l = 0; l < leaves; l++) {
      const spine = spineOf(l, d);
      if (spine >= 0 && 2 * ++count[spine]! > leaves) usual = spine;
    }
    for (let l = 0; l < leaves; l++) {
      const spine = spineOf(l, d);
      if (spine >= 0 && spine !== usual) displaced.push({ l, d });
    }
  }
  return displaced;
}

/** Flows that an attempt at entry (l, d) looks at when every shift counts, roughly. */
function costOf({ plane, slots, slotLeaf }: TableState, l: number, d: number): number {
  const set = plane.setOf[slotLeaf[d]! * plane.switches.length + plane.leaves[l]!]!;
  const hosts = slots / plane.leaves.length;
  return hosts * hosts * (plane.setStart[set + 1]! - plane.setStart[set]! + 1);
}

interface Entry {
  readonly l: number;
  readonly d: number;
}

class Shifts {
  readonly #state: TableState;
  readonly #ceiling: number;
  readonly #slots: number;
  readonly #links: number;
  /** Slots of leaf l: member[start[l] .. start[l + 1]). */
  readonly #start: Int32Array;
  readonly #member: Int32Array;
  /** Links up and down of entry (leaf l, slot d) at l * slots + d; -1 under the leaf itself or without a way. */
  readonly #up: Int32Array;
  readonly #down: Int32Array;
  /** Number of the shift by k, or -1; and back. */
  readonly #number: Int32Array;
  readonly #shift: Int32Array;
  /** Flows on link e in shift number p: p * links + e. */
  readonly #load: Uint8Array;
  readonly #inverse: Float64Array;
  readonly #share: Share;

  /** Every `step`-th shift, from the shift by one on. */
  constructor(state: TableState, step: number) {
    const { plane, slots, slotLeaf } = state;
    const leaves = plane.leaves.length;
    this.#state = state;
    this.#ceiling = Math.max(1, peak(state));
    this.#slots = slots;
    this.#links = plane.links;
    this.#start = new Int32Array(leaves + 1);
    for (let d = 0; d < slots; d++) this.#start[slotLeaf[d]! + 1]!++;
    for (let l = 0; l < leaves; l++) this.#start[l + 1]! += this.#start[l]!;
    const next = this.#start.slice();
    this.#member = new Int32Array(slots);
    for (let d = 0; d < slots; d++) this.#member[next[slotLeaf[d]!]!++] = d;
    this.#up = new Int32Array(leaves * slots).fill(-1);
    this.#down = new Int32Array(leaves * slots).fill(-1);
    for (let l = 0; l < leaves; l++) for (let d = 0; d < slots; d++) this.#read(l, d);
    this.#number = new Int32Array(slots).fill(-1);
    const shift: number[] = [];
    for (let k = 1; k < slots; k += step) this.#number[k] = shift.push(k) - 1;
    this.#shift = Int32Array.from(shift);
    this.#load = new Uint8Array(shift.length * plane.links);
    for (let l = 0; l < leaves; l++) for (let d = 0; d < slots; d++) this.#add(l, d, 1);
    this.#inverse = Float64Array.from({ length: 256 }, (_, n) => 1 / Math.max(1, n));
    this.#share = collisionShare(slots);
  }

  /** Gives the entry the link with the largest gain; true when that is another. */
  improve(l: number, d: number): boolean {
    const state = this.#state;
    const { plane, switches, choice, slotLeaf } = state;
    const leaf = plane.leaves[l]!;
    const at = l * this.#slots + d;
    const old = this.#up[at]!;
    const gain = (e: number, g: number) => this.#shifted(l, d, e, g) + this.#expected(l, d, e, g);
    this.#take(l, d);
    let best = old;
    let most = gain(old, choice[d * switches + plane.to[old]!]!) * (1 + HAIR);
    const set = plane.setOf[slotLeaf[d]! * plane.switches.length + leaf]!;
    for (let i = plane.setStart[set]!; i < plane.setStart[set + 1]!; i++) {
      const e = plane.setLink[i]!;
      if (e === old) continue;
      settle(state, plane.to[e]!, d, leaf, true, 0);
      if (pathValue(state, leaf, d, e, Infinity, -1) > this.#ceiling) continue;
      const value = gain(e, choice[d * switches + plane.to[e]!]!);
      if (value > most) {
        most = value;
        best = e;
      }
    }
    this.#put(l, d, best);
    return best !== old;
  }

  /** Takes the entry out of the loads of the state and of the shifts; its choice stays, so that it can be put back. */
  #take(l: number, d: number): void {
    this.#add(l, d, -1);
    const at = l * this.#slots + d;
    this.#pour(l, d, this.#up[at]!, -1);
    this.#up[at] = -1;
    this.#down[at] = -1;
  }

  #put(l: number, d: number, e: number): void {
    const { plane, switches, choice } = this.#state;
    const s = plane.leaves[l]!;
    const old = choice[d * switches + s]!;
    this.#pour(l, d, old, 1);
    if (e !== old) {
      settle(this.#state, plane.to[e]!, d, s, true, 0);
      moveEntry(this.#state, s, d, e);
    }
    this.#read(l, d);
    this.#add(l, d, 1);
  }

  #pour(l: number, d: number, e: number, sign: number): void {
    const { plane, switches, choice, arrive, load } = this.#state;
    const bytes = arrive[d * switches + plane.leaves[l]!]!;
    load[e]! += sign * bytes;
    load[choice[d * switches + plane.to[e]!]!]! += sign * bytes;
    arrive[d * switches + plane.to[e]!]! += sign * bytes;
  }

  #read(l: number, d: number): void {
    const { plane, switches, choice, slotLeaf } = this.#state;
    const e = slotLeaf[d] === l ? -1 : choice[d * switches + plane.leaves[l]!]!;
    this.#up[l * this.#slots + d] = e;
    this.#down[l * this.#slots + d] = e < 0 ? -1 : choice[d * switches + plane.to[e]!]!;
  }

  #add(l: number, d: number, sign: number): void {
    const e = this.#up[l * this.#slots + d]!;
    const g = this.#down[l * this.#slots + d]!;
    if (e < 0) return;
    for (let i = this.#start[l]!; i < this.#start[l + 1]!; i++) {
      const p = this.#number[(d - this.#member[i]! + this.#slots) % this.#slots]!;
      if (p < 0) continue;
      this.#load[p * this.#links + e]! += sign;
      this.#load[p * this.#links + g]! += sign;
    }
  }

  /** Gain in the mean over the shifts, in flows of one shift, if entry (l, d) took links e and g. */
  #shifted(l: number, d: number, e: number, g: number): number {
    const at = l * this.#slots + d;
    let gain = 0;
    for (let i = this.#start[l]!; i < this.#start[l + 1]!; i++) {
      const p = this.#number[(d - this.#member[i]! + this.#slots) % this.#slots]!;
      if (p < 0) continue;
      const u = p * this.#links + e;
      const w = p * this.#links + g;
      if (this.#load[u] === 0 && this.#load[w] === 0) {
        gain++;
        continue;
      }
      gain -= this.#around(l, d, e, g, p);
      this.#load[u]!++;
      this.#load[w]!++;
      this.#up[at] = e;
      this.#down[at] = g;
      gain += this.#around(l, d, e, g, p);
      this.#up[at] = -1;
      this.#down[at] = -1;
      this.#load[u]!--;
      this.#load[w]!--;
    }
    return gain / this.#shift.length;
  }

  /** Sum of the shares, in shift number p, of the flows on link e out of leaf l and on link g towards slot d's leaf. */
  #around(l: number, d: number, e: number, g: number, p: number): number {
    const { slotLeaf } = this.#state;
    const slots = this.#slots;
    const links = p * this.#links;
    const k = this.#shift[p]!;
    const onUp = this.#load[links + e]!;
    const onDown = this.#load[links + g]!;
    let sum = 0;
    for (let i = this.#start[l]!; i < this.#start[l + 1]! && onUp > 0; i++) {
      const to = this.#member[i]! + k;
      const at = l * slots + (to < slots ? to : to - slots);
      if (this.#up[at] === e) sum += this.#inverse[Math.max(onUp, this.#load[links + this.#down[at]!]!)]!;
    }
    const b = slotLeaf[d]!;
    for (let i = this.#start[b]!; i < this.#start[b + 1]! && onDown > 0; i++) {
      const to = this.#member[i]!;
      const from = to < k ? to - k + slots : to - k;
      const at = slotLeaf[from]! * slots + to;
      if (this.#down[at] === g && this.#up[at] !== e)
        sum += this.#inverse[Math.max(onDown, this.#load[links + this.#up[at]!]!)]!;
    }
    return sum;
  }

  /** The same for a random permutation: the entry's own share, and what the others on both links lose by it. */
  #expected(l: number, d: number, e: number, g: number): number {
    const { plane, load, arrive, switches } = this.#state;
    const hosts = this.#start[l + 1]! - this.#start[l]!;
    // A destination is met once at most: what shares the way down with it are the other destinations there.
    const own = arrive[d * switches + plane.to[e]!]!;
    return PERMUTATIONS * this.#share(load[e]! / hosts, hosts, load[g]! - own);
  }
}
