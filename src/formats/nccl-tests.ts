import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { excerpt } from './collector.ts';
import type { NcclTests } from './types.ts';

// literal: the log counts microseconds and GB/s
const MICRO = 1e-6;
// literal: the log counts microseconds and GB/s
const GIGA = 1e9;
const LONGEST_LINE = 500;

/**
 * The log of `all_reduce_perf` and its like. Columns are found by the header (`size ... time algbw busbw`), so that logs
 * with and without the `root` column both read; lines of NCCL's own between them are passed over.
 */
export function readNcclTests(text: string, label: string): Result<NcclTests> {
  const lines = text.split(/\r?\n/u);
  const header = lines.findIndex((l) => /^#\s+size\s.*\btime\b.*\bbusbw\b/u.test(l));
  if (header < 0) {
    const message = 'no table of nccl-tests here: a line "# size count type ... time algbw busbw" is missing';
    return fail([problem(label, 'no-table', message, lines[0] ?? '')]);
  }
  const titles = lines[header]!.replace('#', ' ').trim().split(/\s+/u);
  const time = titles.indexOf('time');
  const redop = titles.indexOf('redop');
  const devices = lines.filter((l) => /^#\s+Rank\s+\d+/u.test(l));
  const hosts = new Set(devices.map((l) => / on\s+(\S+)/u.exec(l)?.[1]));
  const rows = new Map<number, NcclTests['rows'][number]>();
  let reduction: string | null = null;
  for (const line of lines.slice(header + 1)) {
    const row = rowOf(line, titles.length, time);
    if (row === null) continue;
    rows.set(row.bytes, row);
    // Without a reduction the column is there and empty, or holds 'none'.
    const named = line.trim().split(/\s+/u)[redop];
    if (redop >= 0 && named !== undefined && /^(sum|prod|min|max|avg)$/u.test(named)) reduction = named;
  }
  if (rows.size === 0 || devices.length < 2) {
    const what = rows.size === 0 ? 'the table has no rows' : 'the ranks are not listed ("#  Rank  0 ...")';
    return fail([problem(label, 'incomplete', what, lines[header]!)]);
  }
  const sorted = [...rows.values()].sort((a, b) => a.bytes - b.bytes);
  return ok({ reduction, ranks: devices.length, nodes: Math.max(1, hosts.size), rows: sorted });
}

/** Columns are counted from the end of the first group where `redop` may be missing from a row. */
function rowOf(line: string, columns: number, time: number): NcclTests['rows'][number] | null {
  if (line.length > LONGEST_LINE) return null;
  const cells = line.trim().split(/\s+/u);
  if (!/^\d+$/u.test(cells[0] ?? '') || !/^\d+$/u.test(cells[1] ?? '')) return null;
  const missing = columns - cells.length;
  const at = time - Math.max(0, missing);
  const bytes = Number(cells[0]);
  const seconds = Number(cells[at]) * MICRO;
  const busRate = Number(cells[at + 2]) * GIGA;
  const fine = bytes > 0 && seconds > 0 && Number.isFinite(seconds) && Number.isFinite(busRate);
  return fine ? { bytes, seconds, busRate } : null;
}

function problem(file: string, code: string, message: string, found: string): Issue {
  return issue({
    code,
    file,
    message,
    found: excerpt(found),
    allowed: 'the output of all_reduce_perf and its like',
  });
}
