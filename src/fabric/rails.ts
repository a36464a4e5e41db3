import { leavesOf } from './detect.ts';
import { type Fabric, NodeKind, type Rails } from './types.ts';

/**
 * Rails from the wiring. Where most hosts with several NICs in a plane spread them over different leaves, a leaf
 * is on the rail of the NIC position that most hosts below it have there, and every NIC below it with it: a
 * nameless or moved NIC is on the rail that it is plugged into. Elsewhere a rail is a NIC position. Positions
 * count the NICs of a host in a plane; where a host lacks NICs, the device name says which ones it still has (names
 * only label: the name's usual position on whole hosts). O(endpoints log).
 */
export function railsOf(fabric: Fabric): Rails {
  const leaf = leavesOf(fabric);
  const { lists, usual } = nicsByHost(fabric);
  const position = positions(fabric, lists, usual);
  const wired = spreadOverLeaves(lists, leaf);
  const of = position.slice();
  if (wired) {
    const rail = railOfLeaf(fabric, leaf, position, lists, usual);
    for (let e = 0; e < fabric.endpoints; e++) {
      if (of[e]! >= 0 && leaf[e]! >= 0) of[e] = rail.get(leaf[e]!) ?? of[e]!;
    }
  }
  let count = 0;
  for (let e = 0; e < fabric.endpoints; e++) count = Math.max(count, of[e]! + 1);
  return { count, of, wired };
}

/** NICs of each host in each plane, in NIC order, and how many most hosts with several have. */
function nicsByHost(fabric: Fabric): { lists: number[][]; usual: number } {
  const { hosts, plane, planes } = fabric;
  const byKey = new Map<number, number[]>();
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.kind[e] !== NodeKind.endpoint) continue;
    // An endpoint of no host is a host of its own.
    const key = hosts.of[e]! < 0 ? -1 - e : hosts.of[e]! * planes + plane[e]!;
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [e]);
    else list.push(e);
  }
  const lists = [...byKey.values()];
  for (const list of lists) list.sort((a, b) => hosts.nic[a]! - hosts.nic[b]! || a - b);
  const sizes = new Tally<number>();
  for (const list of lists) if (list.length > 1) sizes.add(list.length);
  return { lists, usual: sizes.most() ?? 1 };
}

/** Position of each NIC among those that a whole host has in its plane; -1 for aggregators. */
function positions(fabric: Fabric, lists: readonly number[][], usual: number): Int32Array {
  const position = new Int32Array(fabric.endpoints).fill(-1);
  const byDevice = new Map<string, Tally<number>>();
  for (const list of lists) {
    for (const [i, e] of list.entries()) {
      position[e] = i;
      if (list.length !== usual) continue;
      const device = deviceName(fabric, e);
      const tally = byDevice.get(device) ?? new Tally<number>();
      byDevice.set(device, tally);
      tally.add(i);
    }
  }
  for (const list of lists) {
    if (list.length >= usual) continue;
    const named = list.map((e) => byDevice.get(deviceName(fabric, e))?.most());
    // Only when it tells all of the host's NICs apart: half-known names would put two on one rail.
    if (named.includes(undefined) || new Set(named).size < named.length) continue;
    for (const [i, e] of list.entries()) position[e] = named[i]!;
  }
  return position;
}

function deviceName(fabric: Fabric, e: number): string {
  const host = fabric.hosts.names[fabric.hosts.of[e]!] ?? '';
  const name = fabric.names[e]!;
  return name.startsWith(host) ? name.slice(host.length).trim() : name;
}

function spreadOverLeaves(lists: readonly number[][], leaf: Int32Array): boolean {
  let spread = 0;
  let together = 0;
  for (const list of lists) {
    if (list.length < 2) continue;
    if (new Set(list.map((e) => leaf[e]!)).size === list.length) spread++;
    else together++;
  }
  return spread > together;
}

/** By leaf, the position that most of its whole hosts have there; without such hosts, that of all its named NICs. */
function railOfLeaf(
  fabric: Fabric,
  leaf: Int32Array,
  position: Int32Array,
  lists: readonly number[][],
  usual: number,
): Map<number, number> {
  const whole = new Map<number, Tally<number>>();
  const any = new Map<number, Tally<number>>();
  const vote = (votes: Map<number, Tally<number>>, e: number): void => {
    const tally = votes.get(leaf[e]!) ?? new Tally<number>();
    votes.set(leaf[e]!, tally);
    tally.add(position[e]!);
  };
  for (const list of lists) {
    for (const e of list) {
      if (leaf[e]! < 0) continue;
      // A host with one NIC says nothing about rails.
      if (list.length > 1) vote(any, e);
      if (list.length === usual) vote(whole, e);
    }
  }
  const rail = new Map<number, number>();
  for (let n = fabric.endpoints; n < fabric.nodes; n++) {
    const most = whole.get(n)?.most() ?? any.get(n)?.most();
    if (most !== undefined) rail.set(n, most);
  }
  return rail;
}

/** Counts values; the most frequent, the smaller first met on a tie. */
export class Tally<T> {
  readonly #count = new Map<T, number>();

  add(value: T, times = 1): void {
    this.#count.set(value, (this.#count.get(value) ?? 0) + times);
  }

  count(value: T): number {
    return this.#count.get(value) ?? 0;
  }

  most(): T | undefined {
    let best: T | undefined;
    let votes = 0;
    for (const [value, n] of this.#count) {
      if (n <= votes) continue;
      best = value;
      votes = n;
    }
    return best;
  }
}
