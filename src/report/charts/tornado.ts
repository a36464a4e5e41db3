import { formatQuantity } from '../terminal.ts';
import { quantity, type Unit } from '../types.ts';
import { block, frame, label, rule, seriesColour, shorten, ticks, WIDTH, widthOf } from './kit.ts';
import type { Shape } from './shape.ts';

export interface TornadoRow {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  /** What stands at either end. */
  readonly saysLow: string;
  readonly saysHigh: string;
}

const ROW = 26;

/** How far each input moves a result to both sides, the widest on top. */
export function tornado(summary: string, unit: Unit, centre: number, rows: readonly TornadoRow[]): Shape {
  const names = rows.map((r) => shorten(r.label, 36));
  const left = 12 + Math.max(...names.map((n) => widthOf(n)));
  const values = rows.flatMap((r) => [r.low, r.high]).concat(centre);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = 80;
  const scale = (v: number): number =>
    left + room + ((v - low) / (high - low || 1)) * (WIDTH - left - 2 * room);
  const bottom = 12 + rows.length * ROW;
  const shapes: Shape[] = ticks(low, high, 4).flatMap((t) => [
    rule(scale(t), 8, scale(t), bottom),
    label(scale(t), bottom + 16, formatQuantity(quantity(t, unit)), { anchor: 'middle', faint: true }),
  ]);
  rows.forEach((row, r) => {
    const y = 12 + r * ROW;
    const ends = [
      { value: row.low, says: row.saysLow, colour: seriesColour(0) },
      { value: row.high, says: row.saysHigh, colour: seriesColour(1) },
    ];
    shapes.push(label(left - 8, y + 15, names[r]!, { anchor: 'end' }));
    for (const { value, says, colour } of ends) {
      const [a, b] = [scale(Math.min(value, centre)), scale(Math.max(value, centre))];
      const text = `${row.label} at ${says}: ${formatQuantity(quantity(value, unit))}`;
      shapes.push(block(a, y + 3, Math.max(1, b - a), ROW - 9, colour, text));
      const outside = value < centre ? a - 5 : b + 5;
      shapes.push(label(outside, y + 15, says, { anchor: value < centre ? 'end' : 'start', faint: true }));
    }
  });
  shapes.push(rule(scale(centre), 6, scale(centre), bottom, false));
  return frame(bottom + 24, summary, shapes);
}
