import type { Groups, Strided } from './types.ts';

/** Members of each group. */
export function groupSize(groups: Groups): number {
  return product(groups.inner);
}

/** How many groups there are. */
export function groupCount(groups: Groups): number {
  return product(groups.outer);
}

function product(parts: readonly Strided[]): number {
  let n = 1;
  for (const p of parts) n *= p.size;
  return n;
}

/**
 * Calls `visit` for every group with its members, the same array each time, in the order of `groups.outer` with
 * the first dimension fastest. O(ranks).
 */
export function forEachGroup(groups: Groups, visit: (members: Int32Array, group: number) => void): void {
  const offsets = offsetsOf(groups.inner, groupSize(groups));
  const bases = offsetsOf(groups.outer, groupCount(groups));
  const members = new Int32Array(offsets.length);
  for (let g = 0; g < bases.length; g++) {
    const base = bases[g]!;
    for (let m = 0; m < offsets.length; m++) members[m] = base + offsets[m]!;
    visit(members, g);
  }
}

/** Members of the group that begins at rank 0. O(size). */
export function firstGroup(groups: Groups): Int32Array {
  return offsetsOf(groups.inner, groupSize(groups));
}

/** All values of a mixed-radix number with the given strides, first digit fastest. */
function offsetsOf(digits: readonly Strided[], count: number): Int32Array {
  const offsets = new Int32Array(count);
  let filled = 1;
  for (const { size, stride } of digits) {
    for (let k = 1; k < size; k++) {
      for (let i = 0; i < filled; i++) offsets[k * filled + i] = offsets[i]! + k * stride;
    }
    filled *= size;
  }
  return offsets;
}
