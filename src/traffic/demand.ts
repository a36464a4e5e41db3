import { serialiseNumber } from '../numeric/serialise.ts';
import { PairBytes } from './pair-bytes.ts';
import {
  type Demand,
  type Entries,
  type OperationBytes,
  type RankLayout,
  type Transfers,
  Via,
} from './types.ts';

/**
 * Entries as CSR with columns ascending in each row, equal pairs summed in the order of the entries. O(entries + rows +
 * columns). `columns` is the number of rows unless given.
 */
export function buildDemand(
  level: Demand['level'],
  operation: string,
  rows: number,
  { count, row, column, bytes }: Entries,
  columns = rows,
): Demand {
  const pairs = new PairBytes();
  for (let k = 0; k < count; k++) pairs.add(row[k]!, column[k]!, bytes[k]!);
  return sorted(level, operation, rows, columns, pairs);
}

/** Two counting sorts of the pairs. */
function sorted(
  level: Demand['level'],
  operation: string,
  rows: number,
  columns: number,
  { count, row, column, bytes }: PairBytes,
): Demand {
  const order = countingSort(count, rows, row, countingSort(count, columns, column, null));
  const start = new Uint32Array(rows + 1);
  for (let k = 0; k < count; k++) start[row[k]! + 1]!++;
  for (let r = 0; r < rows; r++) start[r + 1]! += start[r]!;
  return {
    level,
    operation,
    rows,
    start,
    column: order.map((k) => column[k]!),
    bytes: Float64Array.from(order, (k) => bytes[k]!),
  };
}

/** Entry numbers by rising key, stable over `order` (null: as they come). */
function countingSort(
  count: number,
  keys: number,
  key: ArrayLike<number>,
  order: Uint32Array | null,
): Uint32Array {
  const next = new Uint32Array(keys + 1);
  for (let k = 0; k < count; k++) next[key[k]! + 1]!++;
  for (let k = 0; k < keys; k++) next[k + 1]! += next[k]!;
  const sorted = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const k = order === null ? i : order[i]!;
    sorted[next[key[k]!]!++] = k;
  }
  return sorted;
}

/**
 * What ranks hand to one another in a step: every transfer times its invocations, forwarded bytes on each leg.
 * Row and column are ranks. `operation` names the demand: an operation's id, or 'step'.
 */
export function rankDemand(transfers: readonly Transfers[], ranks: number, operation: string): Demand {
  const pairs = new PairBytes();
  for (const {
    from,
    to,
    bytes,
    stage,
    operation: { count: times },
    count,
  } of transfers) {
    for (let k = 0; k < count; k++) pairs.add(from[k]!, to[k]!, bytes[k]! * times[stage[k]!]!);
  }
  return sorted('rank', operation, ranks, ranks, pairs);
}

/** The same between virtual nodes, over the network only: what stays in a node is not in it. */
export function nodeDemand(
  transfers: readonly Transfers[],
  { node, nodes }: RankLayout,
  operation: string,
): Demand {
  const pairs = new PairBytes();
  for (const {
    from,
    to,
    bytes,
    via,
    stage,
    operation: { count: times },
    count,
  } of transfers) {
    for (let k = 0; k < count; k++) {
      if (via[k] === Via.scaleUp) continue;
      pairs.add(node[from[k]!]!, node[to[k]!]!, bytes[k]! * times[stage[k]!]!);
    }
  }
  return sorted('node', operation, nodes, nodes, pairs);
}

/** What each operation moves in a step, in the order of the transfers. O(transfers). */
export function bytesByOperation(transfers: readonly Transfers[]): OperationBytes[] {
  return transfers.map(({ operation, count, bytes, via, stage }) => {
    const sums = new Float64Array(2);
    for (let k = 0; k < count; k++) sums[via[k]!]! += bytes[k]! * operation.count[stage[k]!]!;
    return {
      operation: operation.id,
      dimension: operation.dimension,
      intraNode: sums[Via.scaleUp]!,
      interNode: sums[Via.network]!,
    };
  });
}

/** Lines to a chunk of CSV: large enough to write well, small enough to hold. */
const CSV_CHUNK = 4096;

/** A demand as CSV text, `from,to,bytes` with rows ascending, in chunks. `nameOf` labels rows and columns. */
export function* demandCsv(demand: Demand, nameOf: (row: number) => string = String): Generator<string> {
  let lines = ['from,to,bytes'];
  for (let row = 0; row < demand.rows; row++) {
    for (let k = demand.start[row]!; k < demand.start[row + 1]!; k++) {
      lines.push(`${nameOf(row)},${nameOf(demand.column[k]!)},${serialiseNumber(demand.bytes[k]!)}`);
      if (lines.length === CSV_CHUNK) {
        yield `${lines.join('\n')}\n`;
        lines = [];
      }
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
