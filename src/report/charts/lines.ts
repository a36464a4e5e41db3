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
  widthOf,
} from './kit.ts';
import { drawMarks } from './marks.ts';
import { type Shape, shape } from './shape.ts';

export interface LineSeries {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Not computed point by point: an ideal, a fit, somebody's claim. */
  readonly dashed?: boolean;
  /** Points that do not follow from one another: no line joins them. */
  readonly apart?: boolean;
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
  const named = levelLabels(levels.map((l) => ({ y: y.at(l.value), text: l.label })));
  for (const { y: at, text, anchor, x: end } of named) {
    const [x1, x2] = [LEFT, WIDTH - RIGHT];
    const line = { x1, x2, y1: round(at), y2: round(at), stroke: INK, 'stroke-dasharray': '4 3' };
    shapes.push(shape('line', line), label(end, at - 5, text, { anchor, faint: true }));
  }
  series.forEach((s, i) => {
    const points = s.points.map(([px, py]) => [x.at(px), y.at(py)] as const);
    if (!s.apart) shapes.push(polyline(points, seriesColour(i), s.dashed));
    if (s.points.length > 40 || s.dashed) return;
    s.points.forEach(([px, py], k) => {
      const where = `${formatQuantity(quantity(px, input.x.unit))}: ${formatQuantity(quantity(py, input.y.unit))}`;
      shapes.push(dot(points[k]![0], points[k]![1], s.apart ? 5 : 3, seriesColour(i), `${s.name}, ${where}`));
    });
  });
  const room = { left: LEFT, right: WIDTH - 2, top: top - 4, bottom: HEIGHT - BOTTOM };
  const placed = marks.map((m) => ({ x: x.at(m.x), y: y.at(m.y), label: m.label }));
  const drawn = series
    .filter((s) => !s.apart)
    .map((s) => s.points.map(([px, py]) => [x.at(px), y.at(py)] as const));
  shapes.push(...drawMarks(placed, drawn, room, named));
  return frame(HEIGHT, summary, shapes);
}

/** Names of horizontal lines above them, at the right end; where two would touch, the next one at the left end or between. */
function levelLabels(levels: readonly { readonly y: number; readonly text: string }[]) {
  const ends = [
    { anchor: 'end', x: WIDTH - RIGHT, from: (width: number) => WIDTH - RIGHT - width },
    { anchor: 'start', x: LEFT + 4, from: () => LEFT + 4 },
    { anchor: 'middle', x: (LEFT + WIDTH) / 2, from: (width: number) => (LEFT + WIDTH - width) / 2 },
  ] as const;
  const last = ends.map(() => Number.NEGATIVE_INFINITY);
  return [...levels]
    .sort((a, b) => a.y - b.y)
    .map(({ y, text }) => {
      const free = Math.max(
        0,
        last.findIndex((before) => y - before > LEVEL_APART),
      );
      last[free] = y;
      const { anchor, x, from } = ends[free]!;
      const width = widthOf(text);
      return { y, text, anchor, x, x1: from(width), x2: from(width) + width, y1: y - 15, y2: y };
    });
}

const LEVEL_APART = 14;

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
