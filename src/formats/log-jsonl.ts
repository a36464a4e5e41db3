import { ok } from '../base/result.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { CellReader, ColumnNames, type LogColumn, parseTime } from './log-columns.ts';
import { scanLines } from './log-lines.ts';
import type { LogReader, LogSink } from './log-types.ts';

/** One JSON object a line, as metric loggers write; members of an object inside are named 'outer/inner'. */
export const logJsonl: LogReader = {
  name: 'JSON lines',
  sniff(head) {
    const first = new TextDecoder()
      .decode(head)
      .split('\n')
      .find((line) => line.trim() !== '');
    return first?.trimStart().startsWith('{') === true;
  },
  async read(chunks, label, sink) {
    const issues = new IssueCollector(label);
    const objects = new Objects(issues, sink);
    const { lines } = await scanLines(chunks, issues, (line, number) => objects.take(line, number));
    return ok({ format: this.name, lines, points: objects.points }, issues.issues);
  },
};

class Objects {
  points = 0;
  readonly #names = new ColumnNames();
  readonly #issues: IssueCollector;
  readonly #cells: CellReader;
  readonly #sink: LogSink;

  constructor(issues: IssueCollector, sink: LogSink) {
    this.#issues = issues;
    this.#cells = new CellReader(issues);
    this.#sink = sink;
  }

  take(line: string, number: number): void {
    if (line.trim() === '') return;
    const object = parseLine(line);
    if (object === undefined) {
      this.#issues.add({
        code: 'json',
        severity: 'warning',
        line: number,
        message: 'not one whole JSON object; the line is left out',
        found: excerpt(line),
      });
      return;
    }
    this.#object(flatten(object), number);
  }

  #object(members: readonly (readonly [string, unknown])[], line: number): void {
    let step = Number.NaN;
    let time = Number.NaN;
    let rank = -1;
    for (const [name, value] of members) {
      const column = this.#names.column(name);
      if (column === undefined || column.is === 'series') continue;
      if (column.is === 'time') time = parseTime(String(value));
      else if (column.is === 'step') step = Number(value);
      else rank = Number.isInteger(value) ? (value as number) : -1;
    }
    const known = members.filter(([name]) => this.#names.column(name)?.is === 'series');
    if (known.length === 0) return;
    if (!Number.isInteger(step) || step < 0) {
      this.#issues.add({
        code: 'no-step',
        severity: 'warning',
        line,
        message: 'no step is given here; the line is left out',
      });
      return;
    }
    for (const [name, raw] of known) {
      const column = this.#names.column(name) as Extract<LogColumn, { is: 'series' }>;
      if (raw === null) continue;
      const value = typeof raw === 'number' ? raw : this.#cells.number(String(raw), name, line);
      if (value === undefined) continue;
      this.points++;
      this.#sink.point(column.series, step, time, value * column.scale, line, rank);
    }
  }
}

/** An object; Python's bare NaN and Infinity are taken for the numbers they are. */
function parseLine(line: string): Record<string, unknown> | undefined {
  for (const text of [line, line.replace(/(?<=[:,[]\s*)(-?Infinity|NaN)\b/gu, '"$1"')]) {
    try {
      const value: unknown = JSON.parse(text);
      if (value !== null && typeof value === 'object' && !Array.isArray(value))
        return value as Record<string, unknown>;
      return undefined;
    } catch {
      // The second reading, or undefined.
    }
  }
  return undefined;
}

function flatten(object: Record<string, unknown>): [string, unknown][] {
  return Object.entries(object).flatMap(([key, value]): [string, unknown][] =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map(([inner, v]) => [`${key}/${inner}`, v])
      : [[key, value]],
  );
}
