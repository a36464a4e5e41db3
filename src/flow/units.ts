import type { OrderedFlows } from './types.ts';

/**
 * What one pin moves. RoCE can name a (source, destination) 'pair'; an InfiniBand table only a (source leaf,
 * destination), so that all sources of the leaf move together: 'leaf'.
 */
export type UnitKind = 'pair' | 'leaf';

/** Flows between different leaves that have a path, gathered by unit in ascending (source, destination). */
export interface FlowUnits {
  readonly kind: UnitKind;
  readonly count: number;
  /** Endpoint, or switch for 'leaf'; length count. */
  readonly source: Int32Array;
  readonly dst: Int32Array;
  /** Bytes of the whole step. */
  readonly bytes: Float64Array;
  /** CSR into `flow`, length count + 1. */
  readonly start: Int32Array;
  /** Flow ids; within a unit in the order of the engine. */
  readonly flow: Int32Array;
}

/** O(flows + nodes): two counting sorts. */
export function flowUnits({ fabric, hops, flows, leaving }: OrderedFlows, kind: UnitKind): FlowUnits {
  const { leafOf } = hops;
  const routed = leaving.flow.filter((f) => {
    const a = leafOf[flows.src[f]!]!;
    const b = leafOf[flows.dst[f]!]!;
    return a >= 0 && b >= 0 && hops.list(a, b) !== 0;
  });
  const sourceOf = (f: number): number => (kind === 'pair' ? flows.src[f]! : leafOf[flows.src[f]!]!);
  const byDst = countingSort(routed, (f) => flows.dst[f]!, fabric.nodes);
  const flow = countingSort(byDst, sourceOf, fabric.nodes);
  const source = new Int32Array(flow.length);
  const dst = new Int32Array(flow.length);
  const bytes = new Float64Array(flow.length);
  const start = new Int32Array(flow.length + 1);
  let count = 0;
  for (let i = 0; i < flow.length; i++) {
    const f = flow[i]!;
    const s = sourceOf(f);
    if (count === 0 || source[count - 1] !== s || dst[count - 1] !== flows.dst[f]) {
      source[count] = s;
      dst[count] = flows.dst[f]!;
      start[count++] = i;
    }
    bytes[count - 1]! += flows.bytes[f]!;
  }
  start[count] = flow.length;
  return {
    kind,
    count,
    source: source.subarray(0, count),
    dst: dst.subarray(0, count),
    bytes: bytes.subarray(0, count),
    start: start.subarray(0, count + 1),
    flow,
  };
}

/** Items by rising key, those of one key in their order. O(items + keys). */
export function countingSort(items: Int32Array, keyOf: (item: number) => number, keys: number): Int32Array {
  const next = new Int32Array(keys + 1);
  for (let i = 0; i < items.length; i++) next[keyOf(items[i]!) + 1]!++;
  for (let k = 0; k < keys; k++) next[k + 1]! += next[k]!;
  const sorted = new Int32Array(items.length);
  for (let i = 0; i < items.length; i++) sorted[next[keyOf(items[i]!)]!++] = items[i]!;
  return sorted;
}
