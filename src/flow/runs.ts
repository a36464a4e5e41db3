import { countingSort } from './sort.ts';
import type { OrderedFlows } from './types.ts';

/** Leaving flows in runs that are alike: of one operation, between the same leaves, of the same bytes. */
export interface FlowRuns {
  readonly flow: Int32Array;
  /** Run r has flow[start[r]] to flow[start[r + 1]]; length runs + 1. */
  readonly start: Int32Array;
  /** By run: the leaves, -1 where there is none. */
  readonly source: Int32Array;
  readonly leaf: Int32Array;
  /** First run of each operation; length operations + 1. */
  readonly operationStart: Int32Array;
}

/** With `sorted`, all that are alike are one run; else runs are of neighbours, and the flows in their order. O(flows + nodes). */
export function flowRuns(ordered: OrderedFlows, sorted: boolean): FlowRuns {
  const { flows, leaving } = ordered;
  const { operation, bytes, invocations, operations } = flows;
  const position = sorted ? alikeTogether(ordered) : leaving.flow.map((_, i) => i);
  const flow = position.map((i) => leaving.flow[i]!);
  const start = new Int32Array(flow.length + 1);
  const source = new Int32Array(flow.length);
  const leaf = new Int32Array(flow.length);
  const operationStart = new Int32Array(operations.length + 1);
  let runs = 0;
  for (let k = 0; k < flow.length; k++) {
    const f = flow[k]!;
    const g = k === 0 ? -1 : flow[k - 1]!;
    const from = leaving.source[position[k]!]!;
    const to = leaving.leaf[position[k]!]!;
    const alike =
      g >= 0 &&
      operation[f] === operation[g] &&
      bytes[f] === bytes[g] &&
      invocations[f] === invocations[g] &&
      source[runs - 1] === from &&
      leaf[runs - 1] === to;
    if (alike) continue;
    start[runs] = k;
    source[runs] = from;
    leaf[runs++] = to;
    operationStart[operation[f]! + 1] = runs;
  }
  start[runs] = flow.length;
  for (let o = 0; o < operations.length; o++)
    operationStart[o + 1] = Math.max(operationStart[o]!, operationStart[o + 1]!);
  return {
    flow,
    start: start.slice(0, runs + 1),
    source: source.slice(0, runs),
    leaf: leaf.slice(0, runs),
    operationStart,
  };
}

/** Positions among the leaving flows by operation, the leaf they go from, the leaf they go to and then their bytes. */
function alikeTogether({ fabric, flows, leaving }: OrderedFlows): Int32Array {
  const sizes = new Map<number, number>();
  const size = leaving.flow.map((f) => {
    const bytes = flows.bytes[f]!;
    const known = sizes.get(bytes) ?? sizes.size;
    if (known === sizes.size) sizes.set(bytes, known);
    return known;
  });
  const all = leaving.flow.map((_, i) => i);
  // A flow without a leaf comes first.
  const leaf = leaving.leaf.map((node) => node + 1);
  const source = leaving.source.map((node) => node + 1);
  const operation = leaving.flow.map((f) => flows.operation[f]!);
  const keys = fabric.nodes + 1;
  const byLeaf = countingSort(countingSort(all, size, sizes.size), leaf, keys);
  return countingSort(countingSort(byLeaf, source, keys), operation, flows.operations.length);
}
