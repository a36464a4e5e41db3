import { hasErrors } from '../base/issue.ts';
import { fail, ok } from '../base/result.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { CellReader, columnOf, type LogColumn, mapColumns, parseTime } from './log-columns.ts';
import { scanLines } from './log-lines.ts';
import type { LogReader, LogSink } from './log-types.ts';

/** Comma, semicolon or tab separated values with a header that names a step and a series. */
export const logCsv: LogReader = {
  name: 'CSV with a header',
  sniff(head) {
    const [first = ''] = new TextDecoder().decode(head).split('\n', 1);
    const columns = splitCells(first, separatorOf(first)).map(columnOf);
    return columns.some((c) => c?.is === 'step') && columns.some((c) => c?.is === 'series');
  },
  async read(chunks, label, sink) {
    const issues = new IssueCollector(label);
    const rows = new Rows(issues, sink);
    const { lines } = await scanLines(chunks, issues, (line, number) => rows.take(line, number));
    return hasErrors(issues.issues)
      ? fail(issues.issues)
      : ok({ format: this.name, lines, points: rows.points }, issues.issues);
  },
};

function separatorOf(header: string): string {
  return ['\t', ';', ','].find((s) => header.includes(s)) ?? ',';
}

/** Cells of a line; quotes may hold separators, doubled quotes are one. */
export function splitCells(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === '"' && quoted && line[i + 1] === '"') cell += line[++i];
    else if (c === '"') quoted = !quoted;
    else if (c === separator && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  cells.push(cell);
  return cells;
}

class Rows {
  points = 0;
  #separator = ',';
  #names: string[] = [];
  #columns: (LogColumn | undefined)[] = [];
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
    if (this.#names.length === 0) {
      this.#separator = separatorOf(line);
      this.#names = splitCells(line.replace(/^\uFEFF/u, ''), this.#separator);
      this.#columns = mapColumns(this.#names, this.#issues, number);
      return;
    }
    const cells = splitCells(line, this.#separator);
    // Several logs in one file begin again with their header.
    if (cells.length === this.#names.length && cells.every((c, i) => c === this.#names[i])) return;
    if (cells.length !== this.#names.length) {
      this.#issues.add({
        code: 'wrong-length',
        severity: 'warning',
        line: number,
        message: `${cells.length} cells where the header has ${this.#names.length}; the line is left out`,
        found: excerpt(line),
      });
      return;
    }
    this.#row(cells, number);
  }

  #row(cells: readonly string[], line: number): void {
    let step = Number.NaN;
    let time = Number.NaN;
    let rank = -1;
    for (let c = 0; c < cells.length; c++) {
      const column = this.#columns[c];
      if (column === undefined || column.is === 'series') continue;
      if (column.is === 'time') time = parseTime(cells[c]!);
      else {
        const value = this.#cells.number(cells[c]!, this.#names[c]!, line) ?? Number.NaN;
        if (column.is === 'step') step = value;
        else rank = Number.isInteger(value) ? value : -1;
      }
    }
    if (!Number.isInteger(step) || step < 0) {
      this.#issues.add({
        code: 'no-step',
        severity: 'warning',
        line,
        message: 'no step is given here; the line is left out',
        found: excerpt(cells.join(this.#separator)),
      });
      return;
    }
    for (let c = 0; c < cells.length; c++) {
      const column = this.#columns[c];
      if (column?.is !== 'series') continue;
      const value = this.#cells.number(cells[c]!, this.#names[c]!, line);
      if (value === undefined) continue;
      this.points++;
      this.#sink.point(column.series, step, time, value * column.scale, line, rank);
    }
  }
}
