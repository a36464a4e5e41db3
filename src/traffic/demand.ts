import { serialiseNumber } from '../numeric/serialise.ts';
import {
  type Demand,
  type Entries,
  type OperationBytes,
  type RankLayout,
  type Transfers,
  Via,
} from './types.ts';

/**
 * Entries as CSR with columns ascending in each row, equal pairs summed in the order of the entries. Two counting
 * sorts: O(entries + rows + columns). `columns` is the number of rows unless given.
 */
export function buildDemand(
  level: Demand['level'],
  operation: string,
  rows: number,
  entries: Entries,
  columns = rows,
): Demand {
  const { count, row, column, bytes } = entries;
  const byColumn = countingSort(count, columns, column, null);
  const order = countingSort(count, rows, row, byColumn);
  const start = new Uint32Array(rows + 1);
  const outColumn = new Uint32Array(count);
  const outBytes = new Float64Array(count);
  let filled = 0;
  let currentRow = -1;
  for (let i = 0; i < count; i++) {
    const k = order[i]!;
    const r = row[k]!;
    const c = column[k]!;
    if (r !== currentRow || outColumn[filled - 1] !== c) {
      while (currentRow < r) start[++currentRow] = filled;
      outColumn[filled] = c;
      filled++;
    }
    outBytes[filled - 1]! += bytes[k]!;
  }
  while (currentRow < rows) start[++currentRow] = filled;
  return {
    level,
    operation,
    rows,
    start,
    column: outColumn.slice(0, filled),
    bytes: outBytes.slice(0, filled),
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
  return buildDemand('rank', operation, ranks, stepEntries(transfers, null));
}

/** The same between virtual nodes, over the network only: what stays in a node is not in it. */
export function nodeDemand(transfers: readonly Transfers[], layout: RankLayout, operation: string): Demand {
  return buildDemand('node', operation, layout.nodes, stepEntries(transfers, layout));
}

/** Entries by rank, or by node over the network where a layout is given. */
function stepEntries(transfers: readonly Transfers[], layout: RankLayout | null): Entries {
  let limit = 0;
  for (const t of transfers) limit += t.count;
  const row = new Int32Array(limit);
  const column = new Int32Array(limit);
  const bytes = new Float64Array(limit);
  let count = 0;
  for (const { from, to, bytes: each, via, stage, operation, ...t } of transfers) {
    for (let k = 0; k < t.count; k++) {
      if (layout !== null && via[k] === Via.scaleUp) continue;
      row[count] = layout === null ? from[k]! : layout.node[from[k]!]!;
      column[count] = layout === null ? to[k]! : layout.node[to[k]!]!;
      bytes[count] = each[k]! * operation.count[stage[k]!]!;
      count++;
    }
  }
  return { count, row, column, bytes };
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
