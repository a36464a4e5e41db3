import type { Cell, Section } from './types.ts';

/** A section as CSV (RFC 4180), quantities as bare SI numbers: for whoever goes on computing. */
export function sectionCsv({ columns, rows }: Section): string {
  const titled = columns.some((c) => c.title !== '');
  const lines = rows.map((row) => row.map(cellText).join(','));
  if (titled) lines.unshift(columns.map((c) => quoted(c.title)).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? quoted(cell) : String(cell.value);
}

/** A text that a spreadsheet would take for a formula is kept a text. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
