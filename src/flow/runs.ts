import { oncePer } from '../base/once.ts';
import { countingSort } from './sort.ts';
import type { LeavingFlows, OrderedFlows } from './types.ts';

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
function alikeTogether({ flows, leaving }: OrderedFlows): Int32Array {
  const { block, blocks } = blocksOf(leaving);
  const sizes = new Map<number, number>();
  const size = new Int32Array(leaving.flow.length);
  const all = new Int32Array(leaving.flow.length);
  for (let i = 0; i < size.length; i++) {
    const bytes = flows.bytes[leaving.flow[i]!]!;
    const known = sizes.get(bytes) ?? sizes.size;
    if (known === sizes.size) sizes.set(bytes, known);
    size[i] = known;
    all[i] = i;
  }
  return countingSort(countingSort(all, size, sizes.size), block, blocks);
}

interface Blocks {
  /** By position among the leaving flows. */
  readonly block: Int32Array;
  readonly blocks: number;
}

/** Flows of one operation between the same leaves are a block; numbered by operation, source and leaf. O(flows + nodes). */
const blocksOf = oncePer((leaving: LeavingFlows): Blocks => {
  // A flow without a leaf comes first.
  const leaf = leaving.leaf.map((node) => node + 1);
  const source = leaving.source.map((node) => node + 1);
  const nodes = leaf.reduce((most, l, i) => Math.max(most, l, source[i]!), 0);
  const operations = leaving.start.length - 1;
  const operation = new Int32Array(leaf.length);
  for (let o = 0; o < operations; o++) operation.fill(o, leaving.start[o]!, leaving.start[o + 1]!);
  const all = leaf.map((_, i) => i);
  const byLeaves = countingSort(countingSort(all, leaf, nodes + 1), source, nodes + 1);
  const sorted = countingSort(byLeaves, operation, operations);
  const block = new Int32Array(leaf.length);
  let blocks = 0;
  for (let k = 0; k < sorted.length; k++) {
    const i = sorted[k]!;
    const j = k === 0 ? -1 : sorted[k - 1]!;
    if (j >= 0 && (operation[i] !== operation[j] || source[i] !== source[j] || leaf[i] !== leaf[j])) blocks++;
    block[i] = blocks;
  }
  return { block, blocks: blocks + 1 };
});
