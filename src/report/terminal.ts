import { assertUnreachable } from '../base/result.ts';
import {
  formatBytes,
  formatCount,
  formatEnergy,
  formatFlop,
  formatMass,
  formatMoney,
  formatPercent,
  formatPower,
  formatRate,
  formatSeconds,
} from '../units/format.ts';
import type { Cell, Quantity, Section } from './types.ts';

export interface TerminalOptions {
  /** Columns of the screen. */
  readonly width: number;
  /** Marks headings; the identity where there is no colour. */
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** Draws sections as plain text, aligned, wrapped to the width. */
export function renderTerminal(
  title: string,
  sections: readonly Section[],
  options: TerminalOptions,
): string {
  const lines = [options.heading(title), ''];
  for (const section of sections) {
    lines.push(options.heading(section.title));
    lines.push(...table(section, options));
    for (const note of section.notes) {
      lines.push(...wrap(note, options.width - 2).map((line) => options.faint(`  ${line}`)));
    }
    lines.push('');
  }
  return lines.join('\n');
}

export function formatCell(cell: Cell): string {
  if (cell === null) return '–';
  return typeof cell === 'string' ? cell : formatQuantity(cell);
}

export function formatQuantity({ value, unit }: Quantity): string {
  switch (unit) {
    case 'count':
      return formatCount(value);
    case 'bytes':
      return formatBytes(value);
    case 'rate':
      return formatRate(value);
    case 'seconds':
      return formatSeconds(value);
    case 'percent':
      return formatPercent(value);
    case 'money':
      return formatMoney(value);
    case 'power':
      return formatPower(value);
    case 'energy':
      return formatEnergy(value);
    case 'mass':
      return formatMass(value);
    case 'ratio':
      return value.toFixed(3);
    case 'flop':
      return formatFlop(value);
    case 'plain':
      return String(Number(value.toPrecision(6)));
    default:
      return assertUnreachable(unit);
  }
}

function table(section: Section, options: TerminalOptions): string[] {
  const cells = section.rows.map((row) => row.map(formatCell));
  const titled = section.columns.some((c) => c.title !== '');
  const head = section.columns.map((c) => c.title);
  const widths = section.columns.map((_, i) =>
    Math.max(0, ...(titled ? [head[i]!.length] : []), ...cells.map((row) => (row[i] ?? '').length)),
  );
  const last = section.columns.length - 1;
  const draw = (row: readonly string[]): string[] => {
    const before = section.columns.slice(0, last).map((c, i) => pad(row[i] ?? '', widths[i]!, c.align));
    const indent = 2 + before.reduce((sum, text) => sum + text.length + 2, 0);
    const right = section.columns[last]!.align === 'right';
    const tail = right
      ? [pad(row[last] ?? '', widths[last]!, 'right')]
      : wrap(row[last] ?? '', options.width - indent);
    const first = `  ${before.map((text) => `${text}  `).join('')}${tail[0] ?? ''}`.trimEnd();
    return [first, ...tail.slice(1).map((text) => ' '.repeat(indent) + text)];
  };
  return [...(titled ? draw(head).map(options.faint) : []), ...cells.flatMap(draw)];
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** Words into lines of at most `width` characters; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, width)) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}
