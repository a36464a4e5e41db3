import { pow } from '../../numeric/power.ts';
import { HAIR } from '../../numeric/tolerance.ts';
import { formatQuantity } from '../terminal.ts';
import { quantity, type Unit } from '../types.ts';
import {
  dot,
  frame,
  INK,
  label,
  legend,
  logTimes,
  polyline,
  round,
  rule,
  seriesColour,
  ticks,
  timeTicks,
  WIDTH,
} from './kit.ts';
import { type Shape, shape } from './shape.ts';

export interface LineSeries {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinesInput {
  readonly summary: string;
  readonly x: { readonly title: string; readonly unit: Unit; readonly scale: 'linear' | 'log' };
  /** `floor`: where a linear axis begins; at zero when left out. */
  readonly y: {
    readonly title: string;
    readonly unit: Unit;
    readonly scale: 'linear' | 'log';
    readonly floor?: number;
  };
  readonly series: readonly LineSeries[];
  /** Horizontal lines: bounds and targets. */
  readonly levels?: readonly { readonly value: number; readonly label: string }[];
  /** Points of their own, such as a knee, an optimum, or where the cluster is. */
  readonly marks?: readonly { readonly x: number; readonly y: number; readonly label: string }[];
}

const HEIGHT = 320;
const LEFT = 78;
const RIGHT = 24;
const BOTTOM = 46;

/** Curves over one axis. Zero has its own place on a logarithmic axis: just before the smallest value. */
export function lines(input: LinesInput): Shape {
  const { summary, series, levels = [], marks = [] } = input;
  const key =
    series.length > 1
      ? legend(
          LEFT,
          16,
          series.map((s, i) => [s.name, seriesColour(i)] as const),
        )
      : { shapes: [], below: 8 };
  const top = key.below + 16;
  const all = series.flatMap((s) => s.points);
  const x = axis([...all.map((p) => p[0]), ...marks.map((m) => m.x)], input.x, LEFT, WIDTH - RIGHT, null);
  const y = axis(
    [...all.map((p) => p[1]), ...marks.map((m) => m.y), ...levels.map((l) => l.value)],
    input.y,
    HEIGHT - BOTTOM,
    top,
    input.y.floor ?? 0,
  );
  const shapes: Shape[] = [...key.shapes];
  for (const t of y.ticks) {
    shapes.push(rule(LEFT, y.at(t), WIDTH - RIGHT, y.at(t)));
    shapes.push(
      label(LEFT - 8, y.at(t) + 4, formatQuantity(quantity(t, input.y.unit)), { anchor: 'end', faint: true }),
    );
  }
  for (const t of x.ticks) {
    shapes.push(rule(x.at(t), HEIGHT - BOTTOM, x.at(t), HEIGHT - BOTTOM + 4, false));
    const text = formatQuantity(quantity(t, input.x.unit));
    shapes.push(label(x.at(t), HEIGHT - BOTTOM + 18, text, { anchor: 'middle', faint: true }));
  }
  shapes.push(label(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 8, input.x.title, { anchor: 'middle' }));
  shapes.push(label(LEFT, top - 6, input.y.title, { faint: true }));
  for (const { value, label: text } of levels) {
    shapes.push(
      shape('line', {
        x1: LEFT,
        x2: WIDTH - RIGHT,
        y1: round(y.at(value)),
        y2: round(y.at(value)),
        stroke: INK,
        'stroke-dasharray': '4 3',
      }),
      label(WIDTH - RIGHT, y.at(value) - 5, text, { anchor: 'end', faint: true }),
    );
  }
  series.forEach((s, i) => {
    const points = s.points.map(([px, py]) => [x.at(px), y.at(py)] as const);
    shapes.push(polyline(points, seriesColour(i)));
    if (s.points.length > 40) return;
    s.points.forEach(([px, py], k) => {
      const where = `${formatQuantity(quantity(px, input.x.unit))}: ${formatQuantity(quantity(py, input.y.unit))}`;
      shapes.push(dot(points[k]![0], points[k]![1], 3, seriesColour(i), `${s.name}, ${where}`));
    });
  });
  for (const mark of marks) {
    const end = x.at(mark.x) > WIDTH * 0.7;
    shapes.push(dot(x.at(mark.x), y.at(mark.y), 6, seriesColour(5), mark.label));
    shapes.push(
      label(x.at(mark.x) + (end ? -10 : 10), y.at(mark.y) + (y.at(mark.y) < top + 16 ? 18 : -8), mark.label, {
        anchor: end ? 'end' : 'start',
        bold: true,
      }),
    );
  }
  return frame(HEIGHT, summary, shapes);
}

interface Axis {
  readonly unit: Unit;
  readonly scale: 'linear' | 'log';
}

/** Places values between two pixels. A linear axis of values begins at `floor` or below. */
function axis(
  values: readonly number[],
  { unit, scale }: Axis,
  from: number,
  to: number,
  floor: number | null,
) {
  const finite = values.filter(Number.isFinite);
  const positive = finite.filter((v) => v > 0);
  if (scale === 'linear' || positive.length === 0) {
    const low = floor === null ? Math.min(...finite) : Math.min(floor, ...finite);
    const high = Math.max(...finite);
    const span = high - low || 1;
    const at = (v: number): number => from + ((v - low) / span) * (to - from);
    return { at, ticks: unit === 'seconds' ? timeTicks(low, high) : ticks(low, high) };
  }
  const least = Math.log2(Math.min(...positive));
  const low = finite.some((v) => v <= 0) ? least - 1 : least;
  const span = Math.log2(Math.max(...positive)) - low || 1;
  const at = (v: number): number => from + (((v > 0 ? Math.log2(v) : low) - low) / span) * (to - from);
  const times = unit === 'seconds' ? logTimes(Math.min(...positive), Math.max(...positive)) : [];
  return { at, ticks: times.length > 2 ? times : logTicks(finite) };
}

/** Powers of two or ten over the range, at most about ten of them. */
function logTicks(values: readonly number[]): number[] {
  const positive = values.filter((v) => v > 0);
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  const base = high / low > 5000 ? 10 : 2;
  const list: number[] = values.some((v) => v <= 0) ? [0] : [];
  let t = pow(base, Math.floor(base === 10 ? Math.log10(low) : Math.log2(low)));
  for (; t <= high * (1 + HAIR); t *= base) if (t >= low * (1 - HAIR)) list.push(t);
  const every = Math.ceil(list.length / 10);
  return list.filter((_, i) => i % every === 0);
}
