import { formatQuantity } from '../terminal.ts';
import { quantity, type Unit } from '../types.ts';
import {
  block,
  frame,
  INK,
  label,
  legend,
  round,
  rule,
  seriesColour,
  shorten,
  ticks,
  WIDTH,
  widthOf,
} from './kit.ts';
import { type Shape, shape } from './shape.ts';

export interface BarRow {
  readonly label: string;
  /** One value a series, stacked. */
  readonly values: readonly number[];
  /** Written after the bar; the sum when left out. */
  readonly says?: string;
  readonly strong?: boolean;
}

export interface BarsInput {
  readonly summary: string;
  readonly unit: Unit;
  readonly series: readonly string[];
  readonly rows: readonly BarRow[];
  /** Values that all bars are measured against. */
  readonly marks?: readonly { readonly value: number; readonly label: string }[];
}

const ROW = 24;
const LONGEST_LABEL = 34;

/** Horizontal bars, stacked where there are several series: the shape for named things and their sizes. */
export function bars({ summary, unit, series, rows, marks = [] }: BarsInput): Shape {
  const names = rows.map((r) => shorten(r.label, LONGEST_LABEL));
  const left = 12 + Math.max(...names.map((n) => widthOf(n)), 40);
  const right = 90;
  const totals = rows.map((r) => r.values.reduce((a, b) => a + b, 0));
  const most = Math.max(...totals, ...marks.map((m) => m.value), Number.MIN_VALUE);
  const scale = (v: number): number => left + (v / most) * (WIDTH - left - right);
  const key =
    series.length > 1
      ? legend(
          left,
          16,
          series.map((s, i) => [s, seriesColour(i)] as const),
        )
      : { shapes: [], below: 6 };
  const top = key.below + (marks.length > 0 ? 18 : 4);
  const bottom = top + rows.length * ROW;
  const shapes: Shape[] = [...key.shapes];
  for (const t of ticks(0, most)) {
    shapes.push(rule(scale(t), top, scale(t), bottom));
    shapes.push(
      label(scale(t), bottom + 16, formatQuantity(quantity(t, unit)), { anchor: 'middle', faint: true }),
    );
  }
  rows.forEach((row, r) => {
    const y = top + r * ROW;
    shapes.push(label(left - 8, y + 16, names[r]!, { anchor: 'end', bold: row.strong ?? false }));
    let sum = 0;
    row.values.forEach((value, s) => {
      if (value <= 0) return;
      const what = series.length > 1 ? `${row.label}, ${series[s]}` : row.label;
      const says = `${what}: ${formatQuantity(quantity(value, unit))}`;
      const colour = series.length > 1 ? seriesColour(s) : seriesColour(row.strong ? 0 : 4);
      shapes.push(block(scale(sum), y + 4, scale(sum + value) - scale(sum), ROW - 8, colour, says));
      sum += value;
    });
    const says = row.says ?? formatQuantity(quantity(totals[r]!, unit));
    shapes.push(label(beside(scale(sum) + 6, says), y + 16, says));
  });
  /** Where a text may begin: behind a mark that would cross it. */
  function beside(x: number, text: string): number {
    const crossed = marks.map((m) => scale(m.value)).filter((at) => at > x - 4 && at < x + widthOf(text) + 4);
    return Math.max(x, ...crossed.map((at) => at + 5));
  }
  marks.forEach(({ value, label: text }) => {
    const x = scale(value);
    const end = x > WIDTH * 0.6;
    shapes.push(
      shape('line', {
        x1: round(x),
        x2: round(x),
        y1: top - 4,
        y2: bottom,
        stroke: INK,
        'stroke-dasharray': '4 3',
      }),
      label(end ? x - 4 : x + 4, top - 8, text, { anchor: end ? 'end' : 'start', faint: true }),
    );
  });
  return frame(bottom + 26, summary, shapes);
}
