/** Items by rising key (of an item, from 0 to before `keys`), those of one key in their order. O(items + keys). */
export function countingSort(items: Int32Array, key: Int32Array, keys: number): Int32Array {
  const next = new Int32Array(keys + 1);
  for (let i = 0; i < items.length; i++) next[key[items[i]!]! + 1]!++;
  for (let k = 0; k < keys; k++) next[k + 1]! += next[k]!;
  const sorted = new Int32Array(items.length);
  for (let i = 0; i < items.length; i++) sorted[next[key[items[i]!]!]!++] = items[i]!;
  return sorted;
}
