import { fail, ok, type Result } from '../base/result.ts';
import type { FaultLog } from '../risk/types.ts';
import { CorruptGzip, gunzipped, peek, readLines } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { csvFields } from './csv-fields.ts';
import { FaultPairs, type FaultPart } from './fault-pairs.ts';
import { jsonRecords } from './json-records.ts';
import { type Chunks, HEAD_BYTES } from './types.ts';

/** What a record may call each of its parts. */
const NAMES = {
  node: ['node', 'node_id', 'host', 'hostname', 'server', 'machine'],
  time: ['time', 'event_time', 'timestamp', 'date'],
  event: ['event', 'event_type', 'type'],
  start: ['start', 'start_time', 'begin', 'from'],
  end: ['end', 'end_time', 'finish', 'to'],
  cause: ['cause', 'fault_type', 'component', 'class', 'reason', 'desc', 'description'],
} as const satisfies Record<FaultPart, readonly string[]>;

/** Seconds of the units that a header may name: 'start (h)', 'time_s'. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  days: 86_400,
  hours: 3600,
};
const FORM =
  'node, start, end, cause; or node, time, event (fault_start, fault_end), cause, as a JSON list, JSON Lines or CSV with a header';

/**
 * Reads a log of faults: a JSON list, JSON Lines or CSV with a header, each record a whole fault (node, start, end, cause) or one
 * end of it (node, time, event, cause). Times are numbers (`unit` seconds each, or the unit in a CSV header), times with their
 * unit, or dates, one kind in a log. All issues at once with their line: 'wrong-time', 'mixed-units', 'missing-column',
 * 'end-before-start', 'no-start' as errors; 'duplicate', 'unordered', 'gap' as warnings. O(records log records).
 */
export async function readFaultLog(chunks: Chunks, label: string, unit: number): Promise<Result<FaultLog>> {
  const issues = new IssueCollector(label);
  const pairs = new FaultPairs(issues, unit);
  try {
    const { head, chunks: all } = await peek(gunzipped(chunks), HEAD_BYTES);
    const first = /\S/u.exec(new TextDecoder().decode(head).replace(/^\uFEFF/u, ''))?.[0];
    const lines = readLines(all);
    if (first === '[' || first === '{') await readJson(lines, pairs, issues);
    else await readCsv(lines, pairs, issues);
  } catch (error) {
    if (!(error instanceof CorruptGzip)) throw error;
    issues.add({ code: 'corrupt-gzip', message: error.message });
  }
  const log = pairs.finish();
  if (!issues.hasErrors && log.faults.length === 0) {
    issues.add({ code: 'empty', message: 'there is no fault in this log', allowed: FORM });
  }
  return issues.hasErrors ? fail(issues.issues) : ok(log, issues.issues);
}

async function readJson(
  lines: AsyncIterable<string>,
  pairs: FaultPairs,
  issues: IssueCollector,
): Promise<void> {
  const cutOff = (line: number) => {
    issues.add({ code: 'cut-off', line, message: 'the record that begins here does not end' });
  };
  for await (const { line, text } of jsonRecords(lines, cutOff)) {
    let record: Record<string, unknown>;
    try {
      record = JSON.parse(text) as Record<string, unknown>;
    } catch {
      const hint = /\bNaN\b|\bInfinity\b/u.test(text) ? { hint: 'NaN and infinities are no JSON' } : {};
      issues.add({ code: 'not-json', line, message: 'this record is not JSON', ...hint });
      continue;
    }
    const parts: Partial<Record<FaultPart, unknown>> = {};
    for (const part of Object.keys(NAMES) as FaultPart[]) {
      const key = NAMES[part].find((name) => Object.hasOwn(record, name));
      if (key !== undefined) parts[part] = record[key];
    }
    pairs.add(parts, line);
  }
}

async function readCsv(
  lines: AsyncIterable<string>,
  pairs: FaultPairs,
  issues: IssueCollector,
): Promise<void> {
  let columns: readonly (FaultPart | undefined)[] | undefined;
  let number = 0;
  for await (const line of lines) {
    number++;
    const text = number === 1 ? line.replace(/^\uFEFF/u, '') : line;
    if (/^\s*(?:#|$)/u.test(text)) continue;
    const values = csvFields(text);
    if (columns === undefined) {
      columns = readHeader(values, number, pairs, issues);
      if (columns === undefined) return;
      continue;
    }
    if (values.length !== columns.length) {
      const message = `${values.length} fields, and the header has ${columns.length}`;
      issues.add({ code: 'wrong-columns', line: number, message });
      continue;
    }
    const parts: Partial<Record<FaultPart, unknown>> = {};
    columns.forEach((part, i) => {
      if (part !== undefined && values[i] !== '') parts[part] = values[i];
    });
    pairs.add(parts, number);
  }
}

/** Which part each column holds; a unit in a column's name counts for bare numbers, and all must name the same. */
function readHeader(
  names: readonly string[],
  line: number,
  pairs: FaultPairs,
  issues: IssueCollector,
): readonly (FaultPart | undefined)[] | undefined {
  const units = new Set<number>();
  const columns = names.map((name): FaultPart | undefined => {
    const match = /^([a-z_ ]+?)(?:[ _]*[([]?(s|min|h|d|days|hours)[)\]]?)?$/u.exec(name.toLowerCase());
    const plain = (text: string) => text.trim().replace(/ /gu, '_');
    const whole = partOf(plain(name.toLowerCase()));
    if (whole !== undefined) return whole;
    const part = match?.[2] === undefined ? undefined : partOf(plain(match[1]!));
    if (part !== undefined) units.add(UNITS[match![2]!]!);
    return part;
  });
  if (units.size > 1) {
    issues.add({ code: 'mixed-units', line, message: 'the columns of times name different units' });
    return undefined;
  }
  for (const unit of units) pairs.unit = unit;
  const has = (part: FaultPart) => columns.includes(part);
  if (has('node') && (has('start') || (has('time') && has('event')))) return columns;
  const found = excerpt(names.join(', '));
  issues.add({
    code: 'missing-column',
    line,
    message: 'this header is not one of a log of faults',
    found,
    allowed: FORM,
  });
  return undefined;
}

function partOf(name: string): FaultPart | undefined {
  return (Object.keys(NAMES) as FaultPart[]).find((part) =>
    (NAMES[part] as readonly string[]).includes(name),
  );
}
