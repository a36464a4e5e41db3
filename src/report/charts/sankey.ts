import { formatQuantity } from '../terminal.ts';
import { quantity, type Unit } from '../types.ts';
import { block, frame, label, round, seriesColour, WIDTH } from './kit.ts';
import { type Shape, shape } from './shape.ts';

export interface SankeyNode {
  readonly id: string;
  readonly label: string;
  /** From the left. */
  readonly column: number;
}

export interface SankeyFlow {
  readonly from: string;
  readonly to: string;
  readonly value: number;
}

const HEIGHT = 300;
const BAR = 14;
const GAP = 12;

/** Where something comes from and goes to: bands as wide as what they carry. Nodes keep their order in a column. */
export function sankey(
  summary: string,
  unit: Unit,
  nodes: readonly SankeyNode[],
  flows: readonly SankeyFlow[],
): Shape {
  const live = flows.filter((f) => f.value > 0);
  const sizeOf = (id: string): number => Math.max(into(live, id), outOf(live, id));
  const shown = nodes.filter((n) => sizeOf(n.id) > 0);
  const columns = Math.max(...shown.map((n) => n.column)) + 1;
  const tallest = Math.max(
    ...columnsOf(shown, columns).map((c) => c.reduce((sum, n) => sum + sizeOf(n.id), 0)),
  );
  const most = Math.max(...columnsOf(shown, columns).map((c) => c.length));
  const scale = (HEIGHT - 20 - GAP * (most - 1)) / tallest;
  const place = new Map<string, { x: number; y: number; in: number; out: number }>();
  columnsOf(shown, columns).forEach((column, c) => {
    let y = 14;
    for (const node of column) {
      const x = 8 + (c * (WIDTH - 224)) / Math.max(1, columns - 1);
      place.set(node.id, { x, y, in: y, out: y });
      y += sizeOf(node.id) * scale + GAP;
    }
  });
  const shapes: Shape[] = live.map((flow) => {
    const from = place.get(flow.from)!;
    const to = place.get(flow.to)!;
    const width = flow.value * scale;
    const band = bandOf(from.x + BAR, from.out, to.x, to.in, width);
    from.out += width;
    to.in += width;
    const says = `${labelOf(nodes, flow.from)} to ${labelOf(nodes, flow.to)}: ${formatQuantity(quantity(flow.value, unit))}`;
    return shape('path', { d: band, fill: seriesColour(0), 'fill-opacity': 0.3 }, shape('title', {}, says));
  });
  for (const node of shown) {
    const { x, y } = place.get(node.id)!;
    const text = `${node.label} ${formatQuantity(quantity(sizeOf(node.id), unit))}`;
    shapes.push(block(x, y, BAR, Math.max(1, sizeOf(node.id) * scale), seriesColour(0), text));
    shapes.push(label(x + BAR + 6, y + Math.max(10, (sizeOf(node.id) * scale) / 2 + 4), text));
  }
  return frame(HEIGHT + 10, summary, shapes);
}

function columnsOf(nodes: readonly SankeyNode[], columns: number): SankeyNode[][] {
  return Array.from({ length: columns }, (_, c) => nodes.filter((n) => n.column === c));
}

function into(flows: readonly SankeyFlow[], id: string): number {
  return flows.filter((f) => f.to === id).reduce((sum, f) => sum + f.value, 0);
}

function outOf(flows: readonly SankeyFlow[], id: string): number {
  return flows.filter((f) => f.from === id).reduce((sum, f) => sum + f.value, 0);
}

function labelOf(nodes: readonly SankeyNode[], id: string): string {
  return nodes.find((n) => n.id === id)?.label ?? id;
}

function bandOf(x1: number, y1: number, x2: number, y2: number, width: number): string {
  const middle = round((x1 + x2) / 2);
  const [a, b, c, d] = [y1, y2, y2 + width, y1 + width].map(round);
  return `M${round(x1)} ${a}C${middle} ${a} ${middle} ${b} ${round(x2)} ${b}L${round(x2)} ${c}C${middle} ${c} ${middle} ${d} ${round(x1)} ${d}Z`;
}
