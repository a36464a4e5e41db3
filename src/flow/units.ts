import { oncePer } from '../base/once.ts';
import { countingSort } from './sort.ts';
import type { LeavingFlows, OrderedFlows } from './types.ts';

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

/** Units but for their bytes: the same as long as the ends of flows are. */
type Gathered = Omit<FlowUnits, 'bytes'>;

const known = oncePer((_: LeavingFlows) => new Map<UnitKind, Gathered>());

/** O(flows + nodes): two counting sorts. */
export function flowUnits(ordered: OrderedFlows, kind: UnitKind): FlowUnits {
  const { flows, leaving } = ordered;
  const kinds = known(leaving);
  const gathered = kinds.get(kind) ?? gather(ordered, kind);
  kinds.set(kind, gathered);
  const { count, start, flow } = gathered;
  const bytes = new Float64Array(count);
  for (let u = 0; u < count; u++) {
    let sum = 0;
    for (let i = start[u]!; i < start[u + 1]!; i++) sum += flows.bytes[flow[i]!]!;
    bytes[u] = sum;
  }
  return { ...gathered, bytes };
}

function gather({ fabric, hops, flows, leaving }: OrderedFlows, kind: UnitKind): Gathered {
  const routed = leaving.flow
    .map((_, i) => i)
    .filter((i) => {
      const [a, b] = [leaving.source[i]!, leaving.leaf[i]!];
      return a >= 0 && b >= 0 && hops.list(a, b) !== 0;
    });
  const to = leaving.flow.map((f) => flows.dst[f]!);
  const from = kind === 'leaf' ? leaving.source : leaving.flow.map((f) => flows.src[f]!);
  const sorted = countingSort(countingSort(routed, to, fabric.nodes), from, fabric.nodes);
  const source = new Int32Array(sorted.length);
  const dst = new Int32Array(sorted.length);
  const start = new Int32Array(sorted.length + 1);
  let count = 0;
  for (let k = 0; k < sorted.length; k++) {
    const i = sorted[k]!;
    if (count > 0 && source[count - 1] === from[i] && dst[count - 1] === to[i]) continue;
    source[count] = from[i]!;
    dst[count] = to[i]!;
    start[count++] = k;
  }
  start[count] = sorted.length;
  return {
    kind,
    count,
    source: source.slice(0, count),
    dst: dst.slice(0, count),
    start: start.slice(0, count + 1),
    flow: sorted.map((i) => leaving.flow[i]!),
  };
}
