import type { Fabric } from '../fabric/types.ts';
import { isInner, type Reach, radixOf } from './reach.ts';

/**
 * Where the lists of each switch are: switch s has cells for the leaves [windowFrom[s], windowFrom[s] + windowSize[s]),
 * from cells[cellStart[s]] on.
 */
export interface Lists {
  readonly pool: Int32Array;
  readonly windowFrom: Int32Array;
  readonly windowSize: Int32Array;
  readonly cellStart: Float64Array;
  readonly cells: Int32Array;
  /** The list for every leaf that has no cell or an empty one. */
  readonly otherwise: Int32Array;
}

/** The candidate lists of every switch, interned. Complexity: see nextHops. */
export function makeLists(fabric: Fabric, reach: Reach): Lists {
  return new ListBuilder(fabric, reach).build();
}

/** Offset 0 of the pool is the empty list. */
class ListBuilder {
  readonly #fabric: Fabric;
  readonly #reach: Reach;
  readonly #pool: number[] = [0];
  readonly #cells: number[] = [];
  readonly #interned = new Map<number, number[]>();
  readonly #scratch: Int32Array;
  /** By leaf of the plane: depth below the switch at hand, how many links lead there, and the first of them. */
  readonly #depth: Uint8Array;
  readonly #ways: Uint16Array;
  readonly #first: Int32Array;
  readonly #common: Uint32Array;

  constructor(fabric: Fabric, reach: Reach) {
    this.#fabric = fabric;
    this.#reach = reach;
    const leaves = reach.planeStart[fabric.planes]!;
    this.#scratch = new Int32Array(radixOf(fabric));
    this.#depth = new Uint8Array(leaves);
    this.#ways = new Uint16Array(leaves);
    this.#first = new Int32Array(leaves);
    this.#common = new Uint32Array(reach.tiers * ((leaves + 31) >>> 5));
  }

  build(): Lists {
    const { endpoints, nodes } = this.#fabric;
    const switches = nodes - endpoints;
    const windowFrom = new Int32Array(switches);
    const windowSize = new Int32Array(switches);
    const cellStart = new Float64Array(switches);
    const otherwise = new Int32Array(switches);
    for (let s = 0; s < switches; s++) {
      this.#interned.clear();
      const plane = this.#fabric.plane[endpoints + s]!;
      const first = this.#reach.planeStart[plane]!;
      const leaves = this.#reach.planeStart[plane + 1]! - first;
      let [from, to] = this.#findBelow(s, leaves);
      const ups = this.#collect(endpoints + s, 1);
      const regular = this.#upsAlike(s, leaves, ups);
      if (!regular) [from, to] = [0, leaves];
      windowFrom[s] = first + from;
      windowSize[s] = to - from;
      cellStart[s] = this.#cells.length;
      this.#writeDown(s, from, to);
      // Interned before the cells above it are filled: the list of all up-links is the usual one.
      const all = this.#collect(endpoints + s, 1) > 0 ? this.#intern(ups) : 0;
      if (regular) otherwise[s] = all;
      else this.#writeUp(s, leaves, cellStart[s]!, all);
    }
    return {
      pool: Int32Array.from(this.#pool),
      windowFrom,
      windowSize,
      cellStart,
      cells: Int32Array.from(this.#cells),
      otherwise,
    };
  }

  /** Live links of a node in one direction, in port order, into the scratch list. */
  #collect(node: number, direction: number): number {
    let n = 0;
    for (let l = this.#fabric.linkStart[node]!; l < this.#fabric.linkStart[node + 1]!; l++) {
      if (this.#fabric.linkDirection[l] === direction && isInner(this.#fabric, l)) this.#scratch[n++] = l;
    }
    return n;
  }

  /** Fills depth, ways and first for the leaves below switch s; returns the window of leaves that holds them all. */
  #findBelow(s: number, leaves: number): [number, number] {
    const { endpoints, linkTo } = this.#fabric;
    const { down, word, tiers } = this.#reach;
    this.#depth.fill(0, 0, leaves);
    this.#ways.fill(0, 0, leaves);
    let from = leaves;
    let to = 0;
    const n = this.#collect(endpoints + s, -1);
    for (let d = 1; d < tiers; d++) {
      const here = down[d]!;
      const below = down[d - 1]!;
      for (let i = 0; i < n; i++) {
        const at = word[linkTo[this.#scratch[i]!]! - endpoints]!;
        for (let w = 0; w < word[s + 1]! - word[s]!; w++) {
          let bits = below[at + w]! & here[word[s]! + w]!;
          while (bits !== 0) {
            const leaf = (w << 5) + 31 - Math.clz32(bits & -bits);
            bits &= bits - 1;
            this.#depth[leaf] = d;
            if (this.#ways[leaf]!++ === 0) this.#first[leaf] = this.#scratch[i]!;
            if (leaf < from) from = leaf;
            if (leaf >= to) to = leaf + 1;
          }
        }
      }
    }
    return from < to ? [from, to] : [0, 0];
  }

  /** One cell for each leaf of the window: its down list, or 0. */
  #writeDown(s: number, from: number, to: number): void {
    const { endpoints, linkTo } = this.#fabric;
    const { down, word } = this.#reach;
    const { linkStart, linkDirection } = this.#fabric;
    const node = endpoints + s;
    for (let leaf = from; leaf < to; leaf++) {
      const ways = this.#ways[leaf]!;
      let n = 0;
      if (ways === 1) this.#scratch[n++] = this.#first[leaf]!;
      else if (ways > 1) {
        const below = down[this.#depth[leaf]! - 1]!;
        for (let l = this.#first[leaf]!; l < linkStart[node + 1]!; l++) {
          if (linkDirection[l] !== -1 || !isInner(this.#fabric, l)) continue;
          if (hasBit(below, word[linkTo[l]! - endpoints]!, leaf)) this.#scratch[n++] = l;
        }
      }
      this.#cells.push(n > 0 ? this.#intern(n) : 0);
    }
  }

  /** True when every up-link leads to the same leaves at every level and together with what is below that is all. */
  #upsAlike(s: number, leaves: number, ups: number): boolean {
    const { endpoints, linkTo } = this.#fabric;
    const { up, word, tiers } = this.#reach;
    const count = word[s + 1]! - word[s]!;
    if (ups === 0) return true;
    const one = word[linkTo[this.#scratch[0]!]! - endpoints]!;
    for (let i = 1; i < ups; i++) {
      const other = word[linkTo[this.#scratch[i]!]! - endpoints]!;
      if (other === one) continue;
      for (let j = 0; j + 1 < tiers; j++) {
        for (let w = 0; w < count; w++) if (up[j]![one + w] !== up[j]![other + w]) return false;
      }
    }
    for (let w = 0; w < count; w++) {
      let all = 0;
      for (let j = 0; j < tiers; j++) all |= up[j]![word[s]! + w]!;
      const full = w + 1 < count || (leaves & 31) === 0 ? -1 : (1 << (leaves & 31)) - 1;
      if (all !== full) return false;
    }
    return true;
  }

  /** Up lists, leaf by leaf, for a switch whose up-links differ. */
  #writeUp(s: number, leaves: number, cells: number, all: number): void {
    const { endpoints, linkTo, linkStart, linkDirection } = this.#fabric;
    const { up, word, tiers } = this.#reach;
    const node = endpoints + s;
    const count = word[s + 1]! - word[s]!;
    this.#findCommon(s, count);
    for (let leaf = 0; leaf < leaves; leaf++) {
      if (hasBit(up[0]!, word[s]!, leaf)) continue;
      let j = 1;
      while (j < tiers && !hasBit(up[j]!, word[s]!, leaf)) j++;
      if (j === tiers) continue;
      if (hasBit(this.#common, (j - 1) * count, leaf)) {
        this.#cells[cells + leaf] = all;
        continue;
      }
      const beyond = up[j - 1]!;
      let n = 0;
      for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
        if (linkDirection[l] !== 1 || !isInner(this.#fabric, l)) continue;
        if (hasBit(beyond, word[linkTo[l]! - endpoints]!, leaf)) this.#scratch[n++] = l;
      }
      this.#cells[cells + leaf] = this.#intern(n);
    }
  }

  /** Leaves that every live up-link of switch s leads to, level by level: most leaves of a damaged tree. */
  #findCommon(s: number, count: number): void {
    const { endpoints, linkTo } = this.#fabric;
    const { up, word, tiers } = this.#reach;
    const ups = this.#collect(endpoints + s, 1);
    for (let j = 0; j + 1 < tiers; j++) {
      for (let w = 0; w < count; w++) {
        let common = -1;
        for (let i = 0; i < ups; i++) common &= up[j]![word[linkTo[this.#scratch[i]!]! - endpoints]! + w]!;
        this.#common[j * count + w] = common;
      }
    }
  }

  /** Offset of the list of the first n scratch links, shared with an equal list of the same switch. */
  #intern(n: number): number {
    let hash = n;
    for (let i = 0; i < n; i++) hash = Math.imul(hash ^ this.#scratch[i]!, 0x01000193);
    const known = this.#interned.get(hash) ?? [];
    for (let k = 0; k < known.length; k++) if (this.#isList(known[k]!, n)) return known[k]!;
    const offset = this.#pool.length;
    this.#pool.push(n);
    for (let i = 0; i < n; i++) this.#pool.push(this.#scratch[i]!);
    this.#interned.set(hash, [...known, offset]);
    return offset;
  }

  #isList(offset: number, n: number): boolean {
    if (this.#pool[offset] !== n) return false;
    for (let i = 0; i < n; i++) if (this.#pool[offset + 1 + i] !== this.#scratch[i]) return false;
    return true;
  }
}

function hasBit(set: Uint32Array, base: number, bit: number): boolean {
  return ((set[base + (bit >>> 5)]! >>> (bit & 31)) & 1) === 1;
}
