import { dot, label, rule, seriesColour, widthOf } from './kit.ts';
import type { Shape } from './shape.ts';

/** A point of its own in a chart, in pixels. */
export interface PlacedMark {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** Where marks and their labels may be. */
export interface Room {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where text is already. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

type Point = readonly [x: number, y: number];

const HEIGHT = 14;
/** Where a label may stand beside its dot: to a side, above or below, the plainest first. */
const PLACES: readonly (readonly [side: -1 | 0 | 1, dy: number])[] = [
  [1, -8],
  [-1, -8],
  [1, 16],
  [-1, 16],
  [0, -12],
  [0, 24],
  [1, 4],
  [-1, 4],
  [1, -24],
  [-1, -24],
  [1, 32],
  [-1, 32],
  [1, -40],
  [-1, -40],
  [1, 48],
  [-1, 48],
];
/** From here on a thin line leads from the dot to its label. */
const FAR = 20;
/** How much worse each is: text on text, text cut off, text on a curve. */
const ON_TEXT = 1000;
/** Nearer to another dot than to its own. */
const ASTRAY = 500;
const OUTSIDE = 2000;
const ON_CURVE = 1;

/** Dots with labels, each put where it hides the least of the others and of the curves. O(marks * (marks + points)). */
export function drawMarks(
  marks: readonly PlacedMark[],
  curves: readonly (readonly Point[])[],
  room: Room,
  texts: readonly Box[],
): Shape[] {
  const obstacles = curves.flatMap(alongCurve);
  const taken: Box[] = [
    ...texts,
    ...marks.map(({ x, y }) => ({ x1: x - 6, y1: y - 6, x2: x + 6, y2: y + 6 })),
  ];
  const labels: Shape[] = [];
  for (const [at, { x, y, label: text }] of marks.entries()) {
    const width = widthOf(text) * BOLD;
    let best = { cost: Number.POSITIVE_INFINITY, box: taken[0]!, x, y, side: 0 };
    PLACES.forEach(([side, dy], i) => {
      const x1 = side === 0 ? x - width / 2 : side > 0 ? x + 10 : x - 10 - width;
      const box = { x1, y1: y + dy - HEIGHT + 3, x2: x1 + width, y2: y + dy + 3 };
      const astray = marks.some((m, k) => k !== at && apart(box, m) < apart(box, marks[at]!));
      const cost = i / PLACES.length + costOf(box, taken, obstacles, room) + (astray ? ASTRAY : 0);
      if (cost < best.cost) best = { cost, box, x: x1, y: y + dy, side };
    });
    taken.push(best.box);
    if (best.y - y < -FAR || best.y - y > FAR + HEIGHT)
      labels.push(rule(x, y, best.side * 8 + x, best.y - 4, false));
    labels.push(label(best.x, best.y, text, { bold: true }));
  }
  return [...marks.map((m) => dot(m.x, m.y, 6, seriesColour(5), m.label)), ...labels];
}

/** Bold letters are wider. */
const BOLD = 1.08;

/** Distance of a point from a box. */
function apart(box: Box, { x, y }: PlacedMark): number {
  const dx = Math.max(box.x1 - x, 0, x - box.x2);
  const dy = Math.max(box.y1 - y, 0, y - box.y2);
  return Math.hypot(dx, dy);
}

function costOf(box: Box, taken: readonly Box[], obstacles: readonly Point[], room: Room): number {
  let cost = 0;
  for (const other of taken) {
    if (box.x1 < other.x2 && other.x1 < box.x2 && box.y1 < other.y2 && other.y1 < box.y2) cost += ON_TEXT;
  }
  if (box.x1 < room.left || box.x2 > room.right || box.y1 < room.top || box.y2 > room.bottom) cost += OUTSIDE;
  for (const [x, y] of obstacles) {
    if (x > box.x1 && x < box.x2 && y > box.y1 && y < box.y2) cost += ON_CURVE;
  }
  return cost;
}

const APART = 6;
const MOST_PIECES = 40;

/** Points along a curve, some pixels apart. */
function alongCurve(points: readonly Point[]): Point[] {
  const list: Point[] = [];
  for (let i = 1; i < points.length; i++) {
    const [x1, y1] = points[i - 1]!;
    const [x2, y2] = points[i]!;
    const pieces = Math.min(
      MOST_PIECES,
      Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1)) / APART) || 1,
    );
    for (let k = 0; k < pieces; k++)
      list.push([x1 + ((x2 - x1) * k) / pieces, y1 + ((y2 - y1) * k) / pieces]);
  }
  return list;
}
