import { ok } from '../base/result.ts';
import { IssueCollector } from './collector.ts';
import { CellReader, ColumnNames, parseTime } from './log-columns.ts';
import { scanLines } from './log-lines.ts';
import type { LogReader } from './log-types.ts';

const LINE = /\biteration\s+(\d+)\s*\/\s*\d+\s*\|(.*)$/u;
const STAMP = /^\s*(?:\d+:\s*)?\[(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?)\]/u;

/** What Megatron-style trainers print: `[time] iteration N/ M | key: value | ...`; every other line is passed over. */
export const logMegatron: LogReader = {
  name: 'Megatron text',
  sniff: (head) => /\biteration\s+\d+\s*\/\s*\d+\s*\|/u.test(new TextDecoder().decode(head)),
  async read(chunks, label, sink) {
    const issues = new IssueCollector(label);
    const cells = new CellReader(issues);
    const names = new ColumnNames();
    let points = 0;
    const { lines } = await scanLines(chunks, issues, (line, number) => {
      const match = LINE.exec(line);
      if (match === null) return;
      const step = Number(match[1]);
      const stamp = STAMP.exec(line);
      const time = stamp === null ? Number.NaN : parseTime(stamp[1]!);
      for (const part of match[2]!.split('|')) {
        const colon = part.lastIndexOf(':');
        if (colon < 0) continue;
        const name = part.slice(0, colon).trim();
        const column = names.column(name);
        if (column?.is !== 'series') continue;
        const value = cells.number(part.slice(colon + 1), name, number);
        if (value === undefined) continue;
        points++;
        sink.point(column.series, step, time, value * column.scale, number, -1);
      }
    });
    return ok({ format: this.name, lines, points }, issues.issues);
  },
};
